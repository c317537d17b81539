import type { WantedOwners, WantedRows } from '../../api/measurements/documents.js';
import type { EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';

/** Objects that one request may name: as many VMs as a pool is meant to have. */
const MAX_NAMED = 5000;

/** Which rows a query asks for. Throws HttpError 400 when it does not say from when on, or says what is none. */
export function wantedRows(query: URLSearchParams): WantedRows {
  const start = numberOf(query, 'start', /^-?\d{1,15}(?:\.\d+)?$/);
  if (start === undefined) throw new HttpError(400, 'the parameter start is missing');
  const interval = numberOf(query, 'interval', /^\d{1,15}(?:\.\d+)?$/);
  return { start: Math.floor(start), interval: interval || undefined, consolidation: consolidationOf(query.get('cf')) };
}

/** Whose rows a query asks for: VMs are all when none is named, SRs are those that are named. */
export function wantedOwners(query: URLSearchParams): WantedOwners {
  const vms = query.getAll('vm_uuid');
  const srs = query.getAll('sr_uuid').filter(Boolean);
  if (vms.length + srs.length > MAX_NAMED) throw new HttpError(400, `a request may name ${MAX_NAMED} objects`);
  return {
    host: query.get('host') === 'true',
    vms: vms.length ? [...new Set(vms.filter(Boolean))] : undefined,
    srs: [...new Set(srs)],
  };
}

/** The format of the answer: what the Accept header prefers, else JSON when the query has a `json`, whatever its value. */
export function rrdFormat({ headers, query }: Pick<EndpointRequest, 'headers' | 'query'>): 'xml' | 'json' {
  const accepted = /\b(?:application|text)\/(json|xml)\b/.exec(headers.accept ?? '')?.[1];
  if (accepted !== undefined) return accepted === 'json' ? 'json' : 'xml';
  return query.has('json') ? 'json' : 'xml';
}

function consolidationOf(text: string | null): WantedRows['consolidation'] {
  switch (text) {
    case null:
    case '':
      return undefined;
    case 'AVERAGE':
    case 'MIN':
    case 'MAX':
      return text;
    default:
      throw new HttpError(400, 'no archive has such values');
  }
}

function numberOf(query: URLSearchParams, name: string, form: RegExp): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!form.test(text)) throw new HttpError(400, `the parameter ${name} is no number`);
  return Number(text);
}
