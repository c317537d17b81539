import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from '../../mutex.js';
import { cancellation } from '../../progress.js';
import { RepositoryError, type RepositoryFile } from './repository.js';

/** Bytes of all files together: the directory may be in memory. */
const MOST = 2 ** 30;

/**
 * Milliseconds for which a file is kept after it was asked for: a start may have to wait for ten minutes until QEMU reads it. Once it
 * has, the file is of no further use to that VM.
 */
const KEPT = 15 * 60_000;

/** A file that is there, or is being written. */
interface Kept {
  size: number;
  asked: number;
  isComplete: boolean;
}

/** How a file is taken. */
export interface Taking {
  /** Bytes that it may have. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Called with the share that is there, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Looks at the first bytes; throws for what the file must not be. */
  readonly check?: (head: Buffer) => void;
}

/** Bytes that `check` sees, where the file has as many. */
const HEAD = 1024;

/** Keeps fetched kernels and ramdisks as files, so that VMs that are started together share them. Names say nothing of who asked. */
export class KernelStore {
  private readonly directory: string;
  private readonly most: number;
  private readonly kept: number;
  private readonly files = new Map<string, Kept>();
  private readonly prepared = new Mutex();
  private isPrepared = false;
  private timer: NodeJS.Timeout | undefined;

  /** What the directory has from earlier is removed. `limits` for tests: bytes and milliseconds. */
  constructor(directory: string, limits: { readonly most?: number; readonly kept?: number } = {}) {
    this.directory = directory;
    this.most = limits.most ?? MOST;
    this.kept = limits.kept ?? KEPT;
  }

  /** Makes the directory, and empties it of what an earlier process has left. */
  prepare(): Promise<void> {
    return this.prepared.run(async () => {
      // QEMU's user must get there, but need not see what there is.
      await mkdir(this.directory, { recursive: true, mode: 0o711 });
      if (this.isPrepared) return;
      // Directories are places where something of others was mounted: removing what is in them is not for us.
      for (const one of await readdir(this.directory, { withFileTypes: true }))
        if (one.isFile()) await rm(join(this.directory, one.name), { force: true });
      this.isPrepared = true;
    });
  }

  /** Path of a file with that content. Rejects with RepositoryError. */
  async take(file: RepositoryFile, taking: Taking): Promise<string> {
    const name = file.tag === undefined ? randomUUID() : createHash('sha256').update(file.tag).digest('hex');
    const path = join(this.directory, name);
    const known = this.files.get(name);
    // Others tidy up in such directories, too.
    if (known?.isComplete && existsSync(path)) {
      file.content.destroy();
      known.asked = Date.now();
      return path;
    }
    // Two that fetch the same at the same time do so side by side: neither waits for what the other may give up.
    const part = `${name}.${randomUUID()}`;
    const entry: Kept = { size: 0, asked: Date.now(), isComplete: false };
    this.files.set(part, entry);
    try {
      await this.write(file, part, entry, taking);
      // Another one may have been faster, and its file be in use.
      if (existsSync(path)) await rm(join(this.directory, part));
      else await rename(join(this.directory, part), path);
    } catch (thrown) {
      await rm(join(this.directory, part), { force: true });
      throw thrown;
    } finally {
      this.files.delete(part);
    }
    this.files.set(name, { size: entry.size, asked: Date.now(), isComplete: true });
    this.sweepLater();
    return path;
  }

  private async write(
    file: RepositoryFile,
    part: string,
    entry: Kept,
    { limit, signal, progress, check }: Taking,
  ): Promise<void> {
    const { content, size: expected } = file;
    const stop = (): void => void content.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const target = await open(join(this.directory, part), 'wx', 0o444);
    let head = Buffer.alloc(0);
    let isChecked = check === undefined;
    try {
      if (signal.aborted) throw cancellation(signal);
      if (expected !== undefined && expected > limit) throw tooLarge(limit);
      for await (const chunk of content) {
        const bytes: unknown = chunk;
        if (!Buffer.isBuffer(bytes)) throw new Error('files are read as bytes');
        entry.size += bytes.length;
        if (entry.size > limit) throw tooLarge(limit);
        if (!isChecked) {
          head = Buffer.concat([head, bytes]);
          isChecked = head.length >= HEAD;
          if (isChecked) check?.(head);
        }
        await this.makeRoom();
        await target.writeFile(bytes);
        if (expected) progress(Math.min(1, entry.size / expected));
      }
      if (signal.aborted) throw cancellation(signal);
      if (!isChecked) check?.(head);
      if (expected !== undefined && entry.size !== expected) throw new RepositoryError('the file came incomplete');
    } catch (thrown) {
      content.destroy();
      if (signal.aborted) throw cancellation(signal);
      throw readable(thrown);
    } finally {
      signal.removeEventListener('abort', stop);
      await target.close();
    }
  }

  /** Removes what was not asked for lately, the oldest first, until the rest is small enough. */
  private async makeRoom(): Promise<void> {
    for (;;) {
      let total = 0;
      for (const { size } of this.files.values()) total += size;
      if (total <= this.most) return;
      const [idle] = this.idle();
      if (idle === undefined)
        throw new RepositoryError('too many installers are being started: there is no room for their kernels');
      await this.remove(idle);
    }
  }

  private idle(): readonly string[] {
    const before = Date.now() - this.kept;
    const found = [...this.files].filter(([, { isComplete, asked }]) => isComplete && asked <= before);
    return found.sort(([, a], [, b]) => a.asked - b.asked).map(([name]) => name);
  }

  private async remove(name: string): Promise<void> {
    this.files.delete(name);
    await rm(join(this.directory, name), { force: true });
  }

  private sweepLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // What cannot be removed now is when the next process begins.
      void Promise.allSettled(this.idle().map((name) => this.remove(name))).then(() => {
        if (this.files.size > 0) this.sweepLater();
      });
    }, this.kept).unref();
  }
}

function tooLarge(limit: number): RepositoryError {
  return new RepositoryError(`the file is larger than ${limit / 2 ** 20} MiB`);
}

/** What a stream or a disk says, as it can be shown; what it threw itself stays. */
function readable(thrown: unknown): unknown {
  if (thrown instanceof Error && 'code' in thrown && thrown.name !== 'ApiError')
    return new RepositoryError(`the file could not be kept: ${thrown.message}`);
  return thrown;
}
