import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Store, StoreBatch, StoreContents, StoredRow } from '../store.js';
import { StoreError } from '../store-error.js';
import { type PackedBatch, packBatch } from './packed-batch.js';
import type { ErrorData, WorkerOptions, WorkerReply, WorkerRequest } from './worker-messages.js';

/** Writes that may wait at once. Each belongs to a call that waits for its reply, so more means callers that do not wait. */
const MAX_WAITING_WRITES = 100_000;

/** Writes in one transaction: bounds how long the first of them waits for the last. */
const MAX_WRITES_IN_A_GROUP = 1000;

interface WaitingWrite {
  readonly batch: PackedBatch;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

interface WaitingLoad {
  readonly rows: StoredRow[][];
  readonly resolve: (contents: StoreContents) => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * Keeps the database in a SQLite file. The file is written by a thread of its own, because a flush takes as long as
 * the disk likes and the event loop must go on. Writes that come while a flush runs share the next one.
 */
export class SqliteStore implements Store {
  /** Titles of the format upgrades that opening made. */
  readonly upgraded: readonly string[];
  /** Transactions so far: how many flushes the writes have cost. */
  groups = 0;
  readonly #worker: Worker;
  #waiting: WaitingWrite[] = [];
  #inFlight: readonly WaitingWrite[] = [];
  #loading: WaitingLoad | undefined;
  #sendPlanned = false;
  #failure: StoreError | undefined;
  #closing: Promise<void> | undefined;
  /** Called when the last write has been answered. */
  #onIdle: (() => void) | undefined;

  private constructor(worker: Worker, upgraded: readonly string[]) {
    this.#worker = worker;
    this.upgraded = upgraded;
    worker.on('message', (reply: WorkerReply) => this.#take(reply));
    worker.on('error', (error) =>
      this.#fail(new StoreError('closed', `the thread of the database died: ${error.message}`, { cause: error })),
    );
    worker.on('exit', () => this.#fail(new StoreError('closed', 'the store is closed')));
  }

  /** Opens or makes the file at `path`. Rejects with StoreError: in use, newer format, not ours, damaged, or the disk's own error. */
  static async open(path: string, limits: Omit<WorkerOptions, 'path'> = {}): Promise<SqliteStore> {
    const options: WorkerOptions = { path, ...limits };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options, name: 'database' });
    const reply = await firstReply(worker);
    if (reply.kind === 'opened') return new SqliteStore(worker, reply.upgraded);
    await worker.terminate();
    throw storeError(reply.kind === 'failed' ? reply.error : { reason: 'closed', message: `${path}: unexpected ${reply.kind}` });
  }

  load(): Promise<StoreContents> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#loading !== undefined) return reject(new StoreError('io', 'the database is already being loaded'));
      this.#loading = { rows: [], resolve, reject };
      this.#request({ kind: 'load' });
    });
  }

  write(batch: StoreBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#closing !== undefined) return reject(new StoreError('closed', 'the store is closed'));
      if (this.#waiting.length >= MAX_WAITING_WRITES)
        return reject(new StoreError('io', 'the disk does not keep up with the changes'));
      this.#waiting.push({ batch: packBatch(batch), resolve, reject });
      this.#planSend();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined && !this.#idle)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    if (this.#failure !== undefined) return;
    const exit = once(this.#worker, 'exit');
    this.#request({ kind: 'close' });
    await exit;
  }

  get #idle(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.length === 0;
  }

  /** At the end of this turn of the event loop, so that calls which arrived together go into one transaction. */
  #planSend(): void {
    if (this.#sendPlanned || this.#inFlight.length > 0) return;
    this.#sendPlanned = true;
    queueMicrotask(() => {
      this.#sendPlanned = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#waiting.length === 0) return;
    this.#inFlight = this.#waiting.splice(0, MAX_WRITES_IN_A_GROUP);
    this.groups++;
    this.#request({ kind: 'write', batches: this.#inFlight.map((write) => write.batch) });
  }

  #request(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #take(reply: WorkerReply): void {
    if (reply.kind === 'written') this.#takeWritten(reply.count, reply.error);
    else if (reply.kind === 'rows') this.#loading?.rows.push([...reply.rows]);
    else if (reply.kind === 'loaded') this.#takeLoaded(reply.meta);
    else if (reply.kind === 'failed') this.#fail(storeError(reply.error));
  }

  #takeWritten(count: number, error: ErrorData | undefined): void {
    const durable = this.#inFlight.slice(0, count);
    // What was issued before the failure could be known may build on what was lost: it is given up as well.
    const lost = error === undefined ? [] : [...this.#inFlight.slice(count), ...this.#waiting.splice(0)];
    this.#inFlight = [];
    // The next group is on its way before the callers of this one run.
    this.#send();
    for (const write of durable) write.resolve();
    if (error !== undefined) for (const write of lost) write.reject(storeError(error));
    if (this.#idle) this.#onIdle?.();
  }

  #takeLoaded(meta: ReadonlyMap<string, string>): void {
    const loading = this.#loading;
    this.#loading = undefined;
    loading?.resolve({ rows: loading.rows.flat(), meta });
  }

  /** The thread is gone: nothing that waits will be answered any more. */
  #fail(error: StoreError): void {
    this.#failure ??= error;
    const lost = [...this.#inFlight, ...this.#waiting];
    this.#inFlight = [];
    this.#waiting = [];
    for (const write of lost) write.reject(this.#failure);
    this.#loading?.reject(this.#failure);
    this.#loading = undefined;
    this.#onIdle?.();
  }
}

function firstReply(worker: Worker): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new StoreError('closed', 'the thread of the database ended at once')));
  });
}

function storeError({ reason, message }: ErrorData): StoreError {
  return new StoreError(reason, message);
}
