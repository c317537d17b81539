/** A command's own complaint: `Error: ` and the text. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** A parameter that a command needs is not there. */
export class MissingParameter extends Error {
  override readonly name = 'MissingParameter';
  readonly parameter: string;

  constructor(parameter: string) {
    super(`missing parameter ${parameter}`);
    this.parameter = parameter;
  }
}

/** An error that the client words itself from a code and parameters. */
export class ClientWordedError extends Error {
  override readonly name = 'ClientWordedError';
  readonly code: string;
  readonly params: readonly string[];

  constructor(code: string, ...params: string[]) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

/** Ends the command with an exit code; whatever is to be said has been said. */
export class CommandExit extends Error {
  override readonly name = 'CommandExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}
