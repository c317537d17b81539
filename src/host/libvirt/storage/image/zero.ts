import { ended, startProgram } from './program.js';

/** Makes a part of a file or device zeros, in the quickest way that it has. Bytes. Rejects with ImageError. */
export async function zeroPart(path: string, offset: number, length: number): Promise<void> {
  if (length > 0)
    await ended(startProgram('fallocate', ['--zero-range', '--offset', `${offset}`, '--length', `${length}`, path]));
}
