import { ended, startProgram } from './program.js';
import type { Backing, Image } from './qemu-img.js';

/**
 * Moves the data of a qcow2 image into the one below it, which becomes as large as it. The upper one keeps what it has, so that whoever
 * reads it sees the same at every moment, and a move that is broken off can begin anew. On return the data is on the disk.
 * Rejects with ImageError, or with the reason of the signal.
 */
export async function commitImage(upper: string, lower: Image, signal: AbortSignal): Promise<void> {
  await stoppable(['commit', '-q', '-d', '-t', 'writeback', '-f', 'qcow2', upper], signal);
  // What an earlier one that was killed has left unused goes, and one that is damaged is told before the upper one is given up.
  if (lower.format === 'qcow2') await stoppable(['check', '-q', '-r', 'leaks', '-f', 'qcow2', lower.path], signal);
}

/** Changes which image the header of a qcow2 image names as the one below, and nothing else. Rejects with ImageError. */
export function relinkImage(path: string, { name, format }: Backing): Promise<void> {
  return ended(startProgram('qemu-img', ['rebase', '-q', '-u', '-f', 'qcow2', '-F', format, '-b', name, path]));
}

/** Rejects with ImageError when somebody has an image open for writing. */
export async function needFreeImage({ path, format }: Image): Promise<void> {
  const program = startProgram('qemu-img', ['info', '-f', format, path]);
  program.stdout.resume();
  await ended(program);
}

async function stoppable(args: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const program = startProgram('qemu-img', args);
  program.stdout.resume();
  const stop = (): void => void program.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    await ended(program);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
