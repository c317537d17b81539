import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTEXT } from '../../../../wire/nbd/numbers.js';
import type { VolumeSource } from '../../volume-source.js';
import { ImageError } from '../image/image-error.js';
import { ended, startProgram } from '../image/program.js';
import { NbdConnection } from './nbd-connection.js';

/** Between two tries to reach a server that has just been started, in milliseconds. */
const RETRY_INTERVAL = 5;

/** The bytes of an image, through one of QEMU's programs that knows every format and holds QEMU's locks on it. */
export interface OpenImage {
  readonly source: VolumeSource;
  readonly disk: NbdConnection;
  /** Resolves when the program has ended: only then others can open the image. */
  close(): Promise<void>;
}

/**
 * Opens an image. The socket lies in a directory that is the daemon's alone, and only one connection is ever taken. It tells
 * which blocks are zeros, and `withDepth` which of the images below has them. Rejects with ImageError.
 */
export async function openImage(
  source: VolumeSource,
  runDirectory: string,
  { withDepth = false }: { readonly withDepth?: boolean } = {},
): Promise<OpenImage> {
  await mkdir(runDirectory, { recursive: true, mode: 0o700 });
  const path = join(runDirectory, `nbd-${randomBytes(6).toString('hex')}.sock`);
  const access = source.readOnly ? ['--read-only'] : ['--discard=unmap'];
  const depth = withDepth ? ['--allocation-depth'] : [];
  const contexts = withDepth ? [CONTEXT.allocation, CONTEXT.depth] : [CONTEXT.allocation];
  const program = startProgram('qemu-nbd', [`--socket=${path}`, `--format=${source.format}`, ...depth, ...access, source.path]);
  program.stdout.resume();
  let isEnded = false;
  const end = ended(program).finally(() => {
    isEnded = true;
  });
  end.catch(() => undefined);
  try {
    const disk = await reach(path, contexts, () => isEnded);
    return {
      source,
      disk,
      async close() {
        disk.close();
        await end;
      },
    };
  } catch (thrown) {
    program.kill();
    await end;
    throw thrown;
  }
}

async function reach(path: string, contexts: readonly string[], isEnded: () => boolean): Promise<NbdConnection> {
  for (;;) {
    const disk = await NbdConnection.open(path, contexts);
    if (disk !== undefined) return disk;
    if (isEnded()) throw new ImageError('failed', 'the server of an image ended at once');
    await sleep(RETRY_INTERVAL);
  }
}
