import { type Endpoint, networkEndpoint } from '../endpoint.js';
import type { Settings } from '../settings/settings.js';
import { operationFailed } from './failure.js';

/** Where a request goes: to whom, and for what. */
export interface Place {
  readonly endpoint: Endpoint;
  readonly path: string;
}

const HTTPS = /^https:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^/:?#[\]@]+))(?::\d+)?(\/.*)?$/;

/**
 * Where a URL of the server leads. One with a host goes to that host, on the port of the user's choice or the usual one; anything
 * else is a path of the host that gave the URL. Paths stay encoded: a blank in the middle of a request line is an error for most
 * servers. Throws TransferFailure for what would not stay on one line.
 */
export function placeOf(url: string, from: Endpoint, settings: Settings): Place {
  const [, address, name, rest = '/'] = HTTPS.exec(url) ?? [];
  const host = address ?? name;
  const path = host === undefined ? url : rest;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  if (path === '' || /[\x00-\x1f\x7f]/.test(path)) throw operationFailed('the server gave a URL that cannot be asked for');
  return { endpoint: host === undefined ? from : networkEndpoint(host, settings), path };
}
