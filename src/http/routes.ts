import type { EndpointSchema } from '../../schema/define.js';
import { endpoints } from '../../schema/endpoints.js';

/** Method of a request that the model knows paths for. */
export type EndpointMethod = EndpointSchema['method'];

const byMethod = new Map<string, EndpointSchema[]>();
for (const endpoint of endpoints) {
  const list = byMethod.get(endpoint.method) ?? [];
  list.push(endpoint);
  byMethod.set(endpoint.method, list);
}
for (const list of byMethod.values()) list.sort((a, b) => b.path.length - a.path.length);

const names = new Set(endpoints.map((e) => e.name));

/** The endpoint with the longest path that the path of a request begins with; undefined when there is none for the method. */
export function findEndpoint(method: string, path: string): EndpointSchema | undefined {
  return byMethod.get(method)?.find((e) => path.startsWith(e.path));
}

/** Refuses handlers for endpoints that the model does not have: a misspelt name would never be called. */
export function checkEndpointNames(given: Iterable<string>): void {
  for (const name of given) if (!names.has(name)) throw new Error(`the model has no HTTP endpoint ${name}`);
}

/** What answers a POST: one of the two RPC parsers, or an endpoint of its own. */
export function rpcFormat(path: string): 'xml' | 'json' | undefined {
  switch (path) {
    case '/jsonrpc':
      return 'json';
    case '/':
    case '/RPC2':
      return 'xml';
  }
  switch (findEndpoint('POST', path)?.name) {
    case 'post_jsonrpc':
      return 'json';
    case 'post_root':
    case 'post_RPC2':
    case 'post_json':
      return 'xml';
    default:
      return undefined;
  }
}
