import { int, uint } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { hostInterface } from '../references.js';
import { string } from '../texts.js';

/** Calls about the network interfaces of the host. */
export const hostInterfaceCalls = {
  INTERFACE_LOOKUP_BY_NAME: call(128, { name: string }, { iface: hostInterface }),
  INTERFACE_LOOKUP_BY_MAC_STRING: call(129, { mac: string }, { iface: hostInterface }),
  INTERFACE_GET_XML_DESC: call(130, { iface: hostInterface, flags: uint }, { xml: string }),
  INTERFACE_DEFINE_XML: call(131, { xml: string, flags: uint }, { iface: hostInterface }),
  INTERFACE_UNDEFINE: call(132, { iface: hostInterface }),
  INTERFACE_CREATE: call(133, { iface: hostInterface, flags: uint }),
  INTERFACE_DESTROY: call(134, { iface: hostInterface, flags: uint }),
  INTERFACE_IS_ACTIVE: call(156, { iface: hostInterface }, { active: int }),
  INTERFACE_CHANGE_BEGIN: call(220, { flags: uint }),
  INTERFACE_CHANGE_COMMIT: call(221, { flags: uint }),
  INTERFACE_CHANGE_ROLLBACK: call(222, { flags: uint }),
};
