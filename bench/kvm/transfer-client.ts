import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../../test-support/libvirt/host/host.js';

const PROGRAM = fileURLToPath(new URL('transfer-program.ts', import.meta.url));
/** Lets Node run TypeScript. */
const REGISTER = fileURLToPath(new URL('../../test-support/typescript-register.mjs', import.meta.url));

/** A client for transfers inside a host, in a process that was started before: the start of a client tells nothing of a gateway. */
export interface TransferClient {
  /** Takes what an address serves over what a file has. Resolves when all of it is on the disk; rejects unless it came with its length. */
  take(url: string, file: string): Promise<void>;
  /** Sends a file to an address. Resolves when it has been answered; rejects unless that says that all is well. */
  give(url: string, file: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts a client. It ends with the host at the latest. */
export async function startTransferClient(host: LabHost): Promise<TransferClient> {
  const child = host.spawn(process.execPath, ['--import', REGISTER, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the client has no input and output');
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ask = async (what: 'take' | 'give', url: string, file: string): Promise<void> => {
    stdin.write(`${what}\t${url}\t${file}\n`);
    const { value, done } = await answers.next();
    if (done || value !== 'done') throw new Error(`the client: ${done ? 'has ended' : value}`);
  };
  return {
    take: (url, file) => ask('take', url, file),
    give: (url, file) => ask('give', url, file),
    async close() {
      const closed = once(child, 'close');
      stdin.end();
      await closed;
    },
  };
}
