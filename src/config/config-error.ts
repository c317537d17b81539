/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Name of the option, as in the file; empty when the source as a whole is meant. */
  readonly key: string;
  /** Where the value came from: `--https-port`, `XENAPI_GATEWAY_HTTPS_PORT`, a file's path, `default`. */
  readonly source: string;
  readonly message: string;
}

/** A configuration that cannot be used, with everything that is wrong with it at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems.map(({ key, source, message }) => `${key === '' ? source : `${key} (from ${source})`}: ${message}`).join('\n'),
    );
    this.problems = problems;
  }
}
