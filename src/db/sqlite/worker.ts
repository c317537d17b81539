import { parentPort, workerData } from 'node:worker_threads';
import type { StoredRow } from '../store.js';
import { StoreError } from '../store-error.js';
import { DatabaseFile } from './database-file.js';
import type { ErrorData, WorkerOptions, WorkerReply, WorkerRequest } from './worker-messages.js';

/** Rows in one message while loading: few messages, and the first rows arrive while the last are still being read. */
const ROWS_IN_A_MESSAGE = 1000;

function main(port: NonNullable<typeof parentPort>, options: WorkerOptions): void {
  const reply = (message: WorkerReply): void => port.postMessage(message);
  let file: DatabaseFile;
  try {
    file = new DatabaseFile(options.path, options.maxPages === undefined ? {} : { maxPages: options.maxPages });
  } catch (thrown) {
    reply({ kind: 'failed', error: errorData(thrown) });
    port.close();
    return;
  }
  reply({ kind: 'opened', upgraded: file.upgraded });

  port.on('message', (request: WorkerRequest) => {
    try {
      if (request.kind === 'load') load(file, reply);
      else if (request.kind === 'write') {
        const { written, error } = file.write(request.batches);
        reply({ kind: 'written', count: written, ...(error && { error: errorData(error) }) });
      } else {
        file.close();
        port.close();
      }
    } catch (thrown) {
      reply({ kind: 'failed', error: errorData(thrown) });
      port.close();
    }
  });
}

function load(file: DatabaseFile, reply: (message: WorkerReply) => void): void {
  let rows: StoredRow[] = [];
  for (const row of file.rows()) {
    rows.push(row);
    if (rows.length < ROWS_IN_A_MESSAGE) continue;
    reply({ kind: 'rows', rows });
    rows = [];
  }
  reply({ kind: 'rows', rows });
  reply({ kind: 'loaded', meta: file.meta() });
}

function errorData(thrown: unknown): ErrorData {
  if (thrown instanceof StoreError) return { reason: thrown.reason, message: thrown.message };
  return { reason: 'io', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

if (parentPort !== null) main(parentPort, workerData as WorkerOptions);
