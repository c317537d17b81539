import { errors } from '../../schema/errors.js';

/** Numbered refusal of a storage driver: parameters are an empty text, a message, and often XML that clients read. */
export type StorageBackendCode = `SR_BACKEND_FAILURE_${number}`;

/**
 * Code of an error that the model declares, one of the numbered codes of storage drivers (which it does not), and the
 * pseudo code for an `Async.` on a call that has no such form.
 */
export type ErrorCode = keyof typeof errors | StorageBackendCode | 'Fault';

/** The one error of the API: what a client gets as ErrorDescription, code first. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly params: readonly string[];

  constructor(code: ErrorCode, ...params: string[]) {
    // It is an answer, not a fault: where it was made helps nobody, and walking the stack would cost more than the check.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(params.length ? `${code} [${params.join(', ')}]` : code);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.params = params;
  }

  /** Code and parameters in one list, as the wire sends them. */
  get description(): readonly string[] {
    return [this.code, ...this.params];
  }
}

/** Anything thrown, as an error of the API: what is none becomes INTERNAL_ERROR with its text. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError('INTERNAL_ERROR', thrown instanceof Error ? thrown.message : String(thrown));
}

/** Whether text is a code that the model knows: for codes that come from outside (peers, configuration, fault rules). */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errors, text) || /^SR_BACKEND_FAILURE_[0-9]{1,3}$/.test(text);
}
