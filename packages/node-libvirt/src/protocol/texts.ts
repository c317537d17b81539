import type { Codec } from '../xdr/codec.js';
import { optional } from '../xdr/codec.js';
import { text } from '../xdr/scalars.js';
import { XdrError } from '../xdr/xdr-error.js';

/** Bytes of the longest text that the protocol carries. */
const LONGEST_TEXT = 4_194_304;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_BYTES = 16;

/** A text that has to be there. */
export const string: Codec<string> = text(LONGEST_TEXT);

/** A text that may be absent. */
export const optionalString = optional(string);

/** A UUID: sixteen bytes on the wire, dashed lower-case text here. */
export const uuid: Codec<string> = {
  read(from) {
    const hex = from.fixed(UUID_BYTES).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
  write(to, value) {
    if (typeof value !== 'string' || !UUID.test(value)) throw new XdrError(`${String(value)} where a UUID is needed`);
    to.fixed(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
};
