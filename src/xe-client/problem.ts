/** What ends the client before the server does: told to the user, exit code 1. */
export class ClientProblem extends Error {
  override readonly name = 'ClientProblem';
}

/** Whoever reads the output has gone: nothing is left to do, and nobody to tell. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Scripts look for this line. */
export const UNREACHABLE = 'Unable to contact server. Please check server and port settings.';

/** Scripts look for this line. */
export const LOST = 'Lost connection to the server.';

/** What is wrong, in a line: of errors of the system the words of the system. */
export function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // An address with several ways to it fails with the errors of all of them and no words of its own.
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return describe(thrown.errors[0]);
  return thrown.message;
}

/** The system's short name of what went wrong, such as `ENOENT`. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
