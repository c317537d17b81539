import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/** Changes of one host's network that may wait for each other: as many as a mass start of VMs may bring, and not without end. */
const MOST_WAITING = 10_000;

interface Line {
  last: Promise<unknown>;
  waiting: number;
}

const lines = new WeakMap<Api, Map<string, Line>>();

/**
 * Does work on a host's bridges, bonds and VLANs after all other such work on that host has ended: what one change looks
 * at, another would pull away. Work must not begin further exclusive work on the same host. Rejects with TOO_BUSY.
 */
export async function exclusively<T>(api: Api, host: Ref<'host'>, work: () => Promise<T>): Promise<T> {
  const ofApi = lines.get(api) ?? new Map<string, Line>();
  lines.set(api, ofApi);
  const line = ofApi.get(host) ?? { last: Promise.resolve(), waiting: 0 };
  ofApi.set(host, line);
  if (line.waiting >= MOST_WAITING) throw new ApiError('TOO_BUSY');
  line.waiting++;
  const turn = line.last.then(work);
  line.last = turn.catch(() => undefined);
  try {
    return await turn;
  } finally {
    line.waiting--;
    if (line.waiting === 0) ofApi.delete(host);
  }
}
