import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Commands } from './commands.js';

/** Milliseconds within which a gateway on the same wire answers. The kernel asks three times, a second apart. */
const ANSWER = 3500;
const LOOK = 50;

const neighbours = z.array(z.object({ dst: z.string(), state: z.array(z.string()).optional() }));

/** Whether a gateway answers on its wire now, asked by ARP or neighbour discovery. */
export async function gatewayAnswers(commands: Commands, gateway: string, device: string): Promise<boolean> {
  // What was heard of it before the change does not count.
  await commands.run('ip', ['-force', '-batch', '-'], `neigh delete ${gateway} dev ${device}\n`).catch(() => undefined);
  await commands.run('ip', ['-batch', '-'], `neigh replace ${gateway} dev ${device} nud none use\n`);
  const end = Date.now() + ANSWER;
  for (;;) {
    const text = await commands.run('ip', ['-json', 'neigh', 'show', 'to', gateway, 'dev', device]);
    const [entry] = neighbours.parse(JSON.parse(text.trim() || '[]'));
    const states = entry?.state ?? [];
    if (states.some((state) => ['REACHABLE', 'STALE', 'DELAY', 'PERMANENT', 'NOARP'].includes(state))) return true;
    if (states.includes('FAILED') || Date.now() >= end) return false;
    await sleep(LOOK);
  }
}
