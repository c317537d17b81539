import { z } from 'zod';
import { ApiError } from '../../../model/error.js';
import { createBlobOf } from '../../blobs.js';
import { callPlugin } from '../../plugins.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** A call of an add-on comes as text of JSON-RPC. */
const extensionCall = z.object({ method: z.string() });

function methodOf(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ApiError('INTERNAL_ERROR', 'the call is not JSON');
  }
  const parsed = extensionCall.safeParse(json);
  if (!parsed.success) throw new ApiError('INTERNAL_ERROR', 'the call names no method');
  return parsed.data.method;
}

/** Add-ons and attachments of a host. */
export const extensionMessages: HostMessages = {
  call_plugin: callPlugin,
  // There are no add-ons with methods of their own.
  has_extension: ({ api }, host) => {
    reach(api, host);
    return false;
  },
  call_extension: ({ api }, host, text) => {
    reach(api, host);
    throw new ApiError('MESSAGE_METHOD_UNKNOWN', methodOf(text));
  },
  create_new_blob: ({ api }, host, name, mimeType, isPublic) => createBlobOf(api.db, 'host', host, name, mimeType, isPublic),
};
