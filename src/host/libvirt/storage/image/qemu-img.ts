import { chmod } from 'node:fs/promises';
import { z } from 'zod';
import { cancellation, throwIfCancelled, type Watch } from '../../../progress.js';
import type { VolumeSource } from '../../volume-source.js';
import type { ImageFormat } from './image-facts.js';
import { ended, startProgram } from './program.js';

/** The image below a new one: name as the header is to have it. */
export interface Backing {
  readonly name: string;
  readonly format: ImageFormat;
}

const measured = z.object({ required: z.int().nonnegative() });
/** What QEMU prints of the sizes of an image has some hundred letters. */
const LONGEST_MEASURE = 10_000;

/** An image by its path. */
export type Image = Pick<VolumeSource, 'path' | 'format'>;

/**
 * Makes a qcow2 image, over another one perhaps, which is not looked at. It takes no space for data and the same time at
 * any size. Only the owner may read it: guests have secrets. Size in bytes. Rejects with ImageError.
 */
export async function createImage(path: string, size: number, backing?: Backing): Promise<void> {
  const over = backing === undefined ? [] : ['-u', '-b', backing.name, '-F', backing.format];
  await ended(startProgram('qemu-img', ['create', '-q', '-f', 'qcow2', ...over, path, String(size)]));
  await chmod(path, 0o600);
}

/** Gives an image that nobody has open a larger size in bytes. Rejects with ImageError. */
export function growImage({ path, format }: Image, size: number): Promise<void> {
  return ended(startProgram('qemu-img', ['resize', '-q', '-f', format, path, String(size)]));
}

/** Puts the content of a disk into a new file of plain bytes, holes as holes. Rejects with ImageError. */
export function convertToRaw(from: Image, path: string): Promise<void> {
  return ended(startProgram('qemu-img', ['convert', '-q', '-t', 'writeback', '-f', from.format, '-O', 'raw', from.path, path]));
}

/** Puts the content of a disk over the start of one that is there. Rejects with ImageError. */
export function convertOver(from: Image, to: Image): Promise<void> {
  return ended(
    startProgram('qemu-img', [
      ...['convert', '-q', '-n', '-t', 'writeback', '-f', from.format, '-O', to.format],
      ...[from.path, to.path],
    ]),
  );
}

/**
 * Copies the whole content of a disk over the start of another one that is as large at least; `empty` says that it holds nothing
 * but zeros. On return the data is on the disk. Rejects with TASK_CANCELLED, or with ImageError.
 */
export async function copyImage(from: Image, to: Image, empty: boolean, watch: Watch): Promise<void> {
  throwIfCancelled(watch.signal);
  const zeros = empty ? ['--target-is-zero'] : [];
  const program = startProgram('qemu-img', [
    ...['convert', '-p', '-n', ...zeros, '-W', '-t', 'writeback'],
    ...['-f', from.format, '-O', to.format, from.path, to.path],
  ]);
  program.stdout.setEncoding('latin1').on('data', (text: string) => {
    const last = [...text.matchAll(/\((\d+\.\d+)\/100%\)/g)].at(-1)?.[1];
    if (last !== undefined) watch.progress(Number(last) / 100);
  });
  const stop = (): void => void program.kill();
  watch.signal.addEventListener('abort', stop, { once: true });
  try {
    await ended(program);
  } catch (thrown) {
    throw watch.signal.aborted ? cancellation(watch.signal) : thrown;
  } finally {
    watch.signal.removeEventListener('abort', stop);
  }
}

/**
 * Bytes that a qcow2 image takes with all the data of a disk, whatever the other disk below it holds. Looks where data is, and reads
 * none. Rejects with ImageError.
 */
export async function imageSize({ path, format }: Image): Promise<number> {
  const program = startProgram('qemu-img', ['measure', '--output=json', '-f', format, '-O', 'qcow2', path]);
  let printed = '';
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(0, LONGEST_MEASURE);
  });
  await ended(program);
  return measured.parse(JSON.parse(printed)).required;
}
