import type { Readable } from 'node:stream';

/** Why nothing can be had from a repository, in words for whoever starts the VM. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** A file of a repository. */
export interface RepositoryFile {
  /** The same for the same content, so that it need not be read again; undefined where that cannot be told. */
  readonly tag: string | undefined;
  /** Bytes; undefined where that is not known beforehand. */
  readonly size: number | undefined;
  /** To be read to its end or destroyed. */
  readonly content: Readable;
}

/** Where an installer is: a tree of files as distributions publish it. */
export interface Repository {
  /** Opens a file by its path from the root of the tree; undefined when there is none. Rejects with RepositoryError. */
  open(path: string, signal: AbortSignal): Promise<RepositoryFile | undefined>;
  close(): Promise<void>;
}
