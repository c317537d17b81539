import { struct } from '../xdr/codec.js';
import { int } from '../xdr/scalars.js';
import { optionalDomain, optionalNetwork } from './references.js';
import { optionalString } from './texts.js';

/** What a reply with the status ERROR carries. */
export const errorMessage = struct({
  code: int,
  domain: int,
  message: optionalString,
  level: int,
  dom: optionalDomain,
  str1: optionalString,
  str2: optionalString,
  str3: optionalString,
  int1: int,
  int2: int,
  net: optionalNetwork,
});
