import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../world.js';

/**
 * Settings that the user keeps in `~/.xe`, one `name=value` a line. One line that is none makes the whole file worthless:
 * half of somebody's settings may lead to another server.
 */
export function readRcFile(world: World, complain: (line: string) => void): string[] {
  if (!world.env.HOME) return [];
  let text: string;
  try {
    text = readFileSync(join(world.env.HOME, '.xe'), 'utf8');
  } catch {
    // Nobody needs to have one.
    return [];
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.every((line) => line.includes('='))) return lines;
  complain('Error parsing rc file. No defaults loaded');
  return [];
}
