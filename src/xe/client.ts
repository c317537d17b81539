/** The program at the other end of a command line: what it shows to its user and does with files on its machine. */
export interface Client {
  /** Shows text and a newline on standard output. */
  print(text: string): void;
  /** Shows text as it is on standard error: newlines are the caller's. */
  printError(text: string): void;
  /** Shows an error that the client words itself: code, and parameters joined with commas, on standard error. */
  error(code: string, params: readonly string[]): void;
  /** Shown only by clients that were asked for it (`--debug`). */
  debug(text: string): void;
  /** Reads a line from the user. Rejects when the client has gone or has no line. */
  prompt(): Promise<string>;
  /**
   * Content of a file that the user named as the value of a parameter; undefined when the client could not open it.
   * Rejects with CommandFailure beyond 32 MiB.
   */
  load(fileName: string): Promise<Buffer | undefined>;
  /** Has the client fetch a path of this server into a file that may not exist yet; empty means its standard output. Whether it did. */
  httpGet(fileName: string, url: string): Promise<boolean>;
  /** Has the client send a file to a path of this server. Whether it did; whether the server took it, the task tells. */
  httpPut(fileName: string, url: string): Promise<boolean>;
  /** Has the client relay its terminal to a path of this server until the user ends it. */
  httpConnect(url: string): Promise<boolean>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}
