import type { Readable } from 'node:stream';

/** What the HTTP path needs to know of a blob. */
export interface BlobInfo {
  readonly ref: string;
  readonly mimeType: string;
  /** Readable by anyone. */
  readonly public: boolean;
  /** In bytes. */
  readonly size: number;
}

/** Content of blobs. */
export interface BlobAccess {
  /** The blob with this reference or uuid. */
  find(refOrUuid: string): BlobInfo | undefined;
  /** Its content, `size` bytes of the returned info; undefined when it has none, or has gone meanwhile. */
  read(ref: string): Promise<{ readonly size: number; readonly content: Readable } | undefined>;
  /** Replaces its content and sets size and last_updated. When `content` throws, nothing changes and the error comes back. */
  write(ref: string, content: AsyncIterable<Buffer>): Promise<void>;
}
