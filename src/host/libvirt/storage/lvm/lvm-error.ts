import { ApiError } from '../../../../model/error.js';
import { refusal } from '../../../storage-refusal.js';
import { ImageError } from '../image/image-error.js';

/** Why LVM did not do something. */
export type LvmFailure = 'full' | 'inUse' | 'missing' | 'noProgram' | 'failed';

/** What LVM said when it did not do something. */
export class LvmError extends Error {
  override readonly name = 'LvmError';
  readonly failure: LvmFailure;

  constructor(failure: LvmFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** By what LVM says it is known what kind of failure it was. */
const SIGNS: readonly (readonly [LvmFailure, RegExp])[] = [
  ['full', /insufficient (?:free|suitable) (?:space|extents)|not enough free space|too large for (?:circular buffer|metadata)/i],
  ['inUse', /\bin use\b|is used by another device|Can't open .* exclusively/i],
  [
    'missing',
    /(?:Volume group|logical volume|physical volume) .*not found|Failed to find (?:logical volume|device)|No device found/i,
  ],
];

/** The error that a command's complaints tell of, without the warnings among them. `otherwise`: where it said nothing. */
export function lvmError(complaints: string, otherwise: string): LvmError {
  const lines = complaints
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^WARNING:|^Rounding up/.test(line));
  const text = lines.join('; ') || otherwise;
  return new LvmError(SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? 'failed', text);
}

/** Does work on a volume of an SR: what LVM refuses is told as QEMU's refusals are, which become errors of the volume. */
export async function asImageWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof LvmError)) throw thrown;
    const failure = thrown.failure === 'full' ? 'full' : thrown.failure === 'inUse' ? 'locked' : 'failed';
    throw new ImageError(failure, thrown.message);
  }
}

/** Does work on a whole SR: what LVM refuses becomes a refusal of the driver. */
export async function asSrWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof LvmError)) throw thrown;
    switch (thrown.failure) {
      case 'full':
        throw new ApiError('SR_FULL', '0', '0');
      case 'inUse':
        throw refusal('deviceInUse', thrown.message);
      case 'missing':
        throw refusal('srNotThere', thrown.message);
      case 'noProgram':
      case 'failed':
        throw new ApiError('SR_BACKEND_FAILURE', thrown.failure, '', thrown.message);
    }
  }
}
