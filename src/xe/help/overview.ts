import type { Command } from '../command.js';
import { foldNames } from './fold.js';
import { usage, usageOfAll } from './usage.js';

/** The blocks that names of all commands come in, each but the last by what names in it begin with. */
const BLOCKS = ['host-', 'vm-'];

/** Between two blocks. */
const GAP = '    ';

/** Names of the commands that `help` or `help --all` lists, in the order of their bytes. */
export function listedNames(commands: Iterable<Command>, all: boolean): readonly string[] {
  const names: string[] = [];
  for (const { name, flags } of commands) if (all ? !flags?.includes('hidden') : flags?.includes('standard')) names.push(name);
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** How xe is used, and the names of the common commands, or of all. */
export function overview(names: readonly string[], all: boolean): readonly string[] {
  const heading = all ? 'Full command list' : 'Common command list';
  return [
    ...usage,
    '',
    ...(all ? [] : [...usageOfAll, '']),
    heading,
    '-'.repeat(heading.length),
    '',
    ...(all ? blocks(names).flatMap((block, i) => (i === 0 ? foldNames(block) : [GAP, ...foldNames(block)])) : foldNames(names)),
  ];
}

function blocks(names: readonly string[]): readonly (readonly string[])[] {
  const rest = names.filter((name) => !BLOCKS.some((start) => name.startsWith(start)));
  return [...BLOCKS.map((start) => names.filter((name) => name.startsWith(start))), rest];
}
