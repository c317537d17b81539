import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../../test-support/libvirt/host/host.js';

const PROGRAM = fileURLToPath(new URL('receiver-program.ts', import.meta.url));
/** Lets Node run TypeScript. */
const REGISTER = fileURLToPath(new URL('../../test-support/typescript-register.mjs', import.meta.url));

/** Takes transfers inside a host, in a process that was started before: the start of a client tells nothing of a gateway. */
export interface Receiver {
  /** Takes what an address serves over what a file has. Resolves when all of it is on the disk; rejects unless it came with its length. */
  receive(url: string, file: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts a receiver. It ends with the host at the latest. */
export async function startReceiver(host: LabHost): Promise<Receiver> {
  const child = host.spawn(process.execPath, ['--import', REGISTER, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the receiver has no input and output');
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    async receive(url, file) {
      stdin.write(`${url}\t${file}\n`);
      const { value, done } = await answers.next();
      if (done || value !== 'received') throw new Error(`the receiver: ${done ? 'has ended' : value}`);
    },
    async close() {
      const closed = once(child, 'close');
      stdin.end();
      await closed;
    },
  };
}
