/**
 * Why a store cannot be used:
 * `in-use` another process holds it, `newer-format` a later version of the gateway wrote it, `foreign` the file is not
 * ours, `damaged` it cannot be read, `io` the disk refused, `closed` it was closed or its thread has died.
 */
export type StoreErrorReason = 'in-use' | 'newer-format' | 'foreign' | 'damaged' | 'io' | 'closed';

/** A store that cannot be opened, read or written. The message is for the operator and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;

  constructor(reason: StoreErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
