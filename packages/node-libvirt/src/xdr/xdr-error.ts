/** A value that the protocol cannot carry, or bytes that are not what the protocol says. `path` leads to the member. */
export class XdrError extends Error {
  override readonly name: string = 'XdrError';
  readonly path: string;
  readonly #reason: string;

  constructor(reason: string, path = '') {
    super(path ? `${path}: ${reason}` : reason);
    this.#reason = reason;
    this.path = path;
  }

  /** The same error seen from the structure around it, so that the message names the whole way to the member. */
  static within(member: string, error: unknown): unknown {
    if (!(error instanceof XdrError)) return error;
    const separator = error.path === '' || error.path.startsWith('[') ? '' : '.';
    return new XdrError(error.#reason, `${member}${separator}${error.path}`);
  }
}
