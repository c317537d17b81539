import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { until } from '../libvirt/until.js';
import { startLabMachine } from './lab-machine.js';

/** Numbers that a machine draws by itself, right after it was resumed. */
async function drawn(): Promise<{ random: string; seconds: number }> {
  const began = performance.now();
  const machine = await startLabMachine();
  try {
    return { random: await machine.run('cat', ['/proc/sys/kernel/random/uuid']), seconds: (performance.now() - began) / 1000 };
  } finally {
    await machine.close();
  }
}

it('two machines draw different numbers, though they come from the same memory', async () => {
  const [one, other] = [await drawn(), await drawn()];
  expect(one.random).not.toBe(other.random);
});

it('a machine ends with the process that has started it, however that ends', async () => {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./machine-holder.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const home = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('close', () => reject(new Error('no machine was started')));
  });
  const pid = (await readFile(`${home}/pid`, 'utf8')).trim();
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  child.kill('SIGKILL');
  await until('the machine is gone', async () => (existsSync(`/proc/${pid}`) || existsSync(home) ? undefined : true));
});
