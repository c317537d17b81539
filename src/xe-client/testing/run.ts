import { PassThrough, Writable } from 'node:stream';
import { runClient } from '../run-client.js';
import type { Keyboard, World } from '../world.js';

/** What became of a command line. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Where a command line runs. */
export interface Place {
  readonly env?: World['env'];
  readonly directory?: string;
  /** What is typed; ends after it. */
  readonly typed?: string;
  readonly stdin?: Keyboard;
  readonly stdout?: Writable;
  readonly administrator?: boolean;
  readonly signOfLife?: number;
  /** Told when bytes are to be shown as they are. */
  readonly showBytesAsTheyAre?: World['showBytesAsTheyAre'];
}

/** Runs a command line in a world of its own. */
export async function run(args: readonly string[], place: Place = {}): Promise<Outcome> {
  const out = new Sink();
  const err = new Sink();
  const stdin: Keyboard = place.stdin ?? new PassThrough();
  if (stdin instanceof PassThrough && !place.stdin) stdin.end(place.typed ?? '');
  const world: World = {
    env: place.env ?? {},
    directory: place.directory ?? '/nowhere',
    administrator: place.administrator ?? false,
    stdin,
    stdout: place.stdout ?? out,
    stderr: err,
    showBytesAsTheyAre: place.showBytesAsTheyAre ?? (async () => {}),
  };
  const code = await runClient(args, world, place.signOfLife);
  return { code, out: out.text, err: err.text };
}

/** Keeps what is written. */
export class Sink extends Writable {
  #bytes: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#bytes.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#bytes).toString();
  }
}
