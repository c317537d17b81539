import { ApiError } from '../../../../model/error.js';

/** Why QEMU's programs could not work on an image: no space, somebody else has it open, something else. */
export type ImageFailure = 'full' | 'locked' | 'failed';

/** What QEMU's programs said when they could not work on an image. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly failure: ImageFailure;

  constructor(failure: ImageFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** The error that a program's last words tell of. */
export function imageError(text: string): ImageError {
  if (/No space left on device|Disk quota exceeded/.test(text)) return new ImageError('full', text);
  if (/Failed to get (?:shared )?"[^"]*" lock|another process using the image/.test(text)) return new ImageError('locked', text);
  return new ImageError('failed', text);
}

/** What was thrown by work on a disk of that uuid, as an error of the model. Sizes in bytes. */
export function asVolumeError(thrown: unknown, uuid: string, operation: string, requested = 0): unknown {
  if (!(thrown instanceof ImageError)) return thrown;
  switch (thrown.failure) {
    case 'full':
      return new ApiError('SR_FULL', String(requested), '0');
    case 'locked':
      return new ApiError('VDI_IN_USE', uuid, operation);
    case 'failed':
      return new ApiError('VDI_IO_ERROR', thrown.message);
  }
}
