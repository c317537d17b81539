import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

// Runs inside a host: takes what a gateway serves there over what a file has, and answers each line of its input with a line when all
// of it is on the disk. It is there before anything is measured, and costs as little as a client can.

/** Bytes that are received, and written, at a time. */
const PIECE = 2 ** 20;
/** Bytes after which the disk begins to write: it would have nothing to do until the end otherwise. */
const FLUSHED = 2 ** 26;

const flush = promisify(fdatasync);
const memory = Buffer.allocUnsafeSlow(PIECE);

async function receive(url: URL, file: string): Promise<void> {
  const output = openSync(file, 'r+');
  try {
    await take(url, new Output(output));
    await flush(output);
  } finally {
    closeSync(output);
  }
}

/** A file that bytes are written to one after the other, while the disk takes those before. */
class Output {
  readonly #file: number;
  #written = 0;
  #flushed = 0;
  #flushing: Promise<void> | undefined;

  constructor(file: number) {
    this.#file = file;
  }

  get written(): number {
    return this.#written;
  }

  write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const count = writeSync(this.#file, bytes, done, bytes.length - done, this.#written);
      done += count;
      this.#written += count;
    }
    if (this.#flushing !== undefined || this.#written - this.#flushed < FLUSHED) return;
    this.#flushed = this.#written;
    this.#flushing = flush(this.#file).finally(() => {
      this.#flushing = undefined;
    });
    // What fails here fails again at the end.
    this.#flushing.catch(() => undefined);
  }

  /** Resolves when the file may be closed. */
  async settled(): Promise<void> {
    await this.#flushing;
  }
}

/** Writes the body of a reply, which comes with its length. */
async function take({ hostname, port, pathname, search }: URL, output: Output): Promise<void> {
  let head = '';
  let length: number | undefined;
  await new Promise<void>((resolve, reject) => {
    const receiveHead = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
      if (!head.startsWith('HTTP/1.1 200 ') || Number.isNaN(length)) reject(new Error(head));
      output.write(bytes.subarray(bytes.length - (head.length - end - 4)));
    };
    const callback = (count: number): boolean => {
      const bytes = memory.subarray(0, count);
      if (length === undefined) receiveHead(bytes);
      else output.write(bytes);
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer: memory, callback } });
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  });
  await output.settled();
  if (output.written !== length) throw new Error(`${output.written} of ${length} bytes came`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [url = '', file = ''] = line.split('\t');
  process.stdout.write(`${await receive(new URL(url), file).then(() => 'received', String)}\n`);
}
