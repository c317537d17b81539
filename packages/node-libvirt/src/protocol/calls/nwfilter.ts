import { uint } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { nwfilter, nwfilterBinding } from '../references.js';
import { string, uuid } from '../texts.js';

/** Calls about network filters and where they are in force. */
export const nwfilterCalls = {
  NWFILTER_LOOKUP_BY_NAME: call(175, { name: string }, { nwfilter }),
  NWFILTER_LOOKUP_BY_UUID: call(176, { uuid }, { nwfilter }),
  NWFILTER_GET_XML_DESC: call(177, { nwfilter, flags: uint }, { xml: string }),
  NWFILTER_DEFINE_XML: call(180, { xml: string }, { nwfilter }),
  NWFILTER_UNDEFINE: call(181, { nwfilter }),
  NWFILTER_BINDING_LOOKUP_BY_PORT_DEV: call(397, { name: string }, { nwfilter: nwfilterBinding }),
  NWFILTER_BINDING_GET_XML_DESC: call(398, { nwfilter: nwfilterBinding, flags: uint }, { xml: string }),
  NWFILTER_BINDING_CREATE_XML: call(399, { xml: string, flags: uint }, { nwfilter: nwfilterBinding }),
  NWFILTER_BINDING_DELETE: call(400, { nwfilter: nwfilterBinding }),
  NWFILTER_DEFINE_XML_FLAGS: call(431, { xml: string, flags: uint }, { nwfilter }),
};
