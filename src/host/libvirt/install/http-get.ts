import type { IncomingMessage } from 'node:http';
import * as anyServer from '../../http-get.js';
import { RepositoryError } from './repository.js';

export { shown } from '../../http-get.js';

/** Asks a repository for a file. Resolves when its headers are there. Rejects with RepositoryError. */
export async function httpGet(address: URL, signal: AbortSignal): Promise<IncomingMessage> {
  try {
    return await anyServer.httpGet(address, signal);
  } catch (thrown) {
    throw thrown instanceof anyServer.HttpGetError ? new RepositoryError(thrown.message) : thrown;
  }
}
