import { int, opaque, uint } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { secret } from '../references.js';
import { string, uuid } from '../texts.js';

/** Calls about secrets. */
export const secretCalls = {
  SECRET_LOOKUP_BY_UUID: call(141, { uuid }, { secret }),
  SECRET_DEFINE_XML: call(142, { xml: string, flags: uint }, { secret }),
  SECRET_GET_XML_DESC: call(143, { secret, flags: uint }, { xml: string }),
  SECRET_SET_VALUE: call(144, { secret, value: opaque(65_536), flags: uint }),
  SECRET_GET_VALUE: call(145, { secret, flags: uint }, { value: opaque(65_536) }),
  SECRET_UNDEFINE: call(146, { secret }),
  SECRET_LOOKUP_BY_USAGE: call(147, { usageType: int, usageID: string }, { secret }),
};
