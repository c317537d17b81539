import type { EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import type { ConsoleAccess, FoundConsole } from './access.js';

/** The console that a request names, by `ref` or `uuid`, where the session may use it. Throws HttpError 500, 403; ApiError. */
export function findConsole(request: EndpointRequest, consoles: ConsoleAccess, hostPermission: string): FoundConsole {
  const [ref, uuid] = [request.query.get('ref'), request.query.get('uuid')];
  if (!ref && !uuid) throw new HttpError(500, 'a console is named by ref or uuid');
  const found = consoles.find({ ...(ref && { ref }), ...(uuid && { uuid }) });
  if (found.isHost) request.requireSub(hostPermission);
  return found;
}
