import { list } from '../../xdr/codec.js';
import { int, uint } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { network, networkPort } from '../references.js';
import { dhcpLease } from '../structures.js';
import { optionalString, string, uuid } from '../texts.js';
import { typedParameters } from '../typed-parameter.js';

/** Calls about virtual networks and their ports. */
export const networkCalls = {
  NETWORK_CREATE: call(39, { net: network }),
  NETWORK_CREATE_XML: call(40, { xml: string }, { net: network }),
  NETWORK_DEFINE_XML: call(41, { xml: string }, { net: network }),
  NETWORK_DESTROY: call(42, { net: network }),
  NETWORK_GET_XML_DESC: call(43, { net: network, flags: uint }, { xml: string }),
  NETWORK_GET_AUTOSTART: call(44, { net: network }, { autostart: int }),
  NETWORK_GET_BRIDGE_NAME: call(45, { net: network }, { name: string }),
  NETWORK_LOOKUP_BY_NAME: call(46, { name: string }, { net: network }),
  NETWORK_LOOKUP_BY_UUID: call(47, { uuid }, { net: network }),
  NETWORK_SET_AUTOSTART: call(48, { net: network, autostart: int }),
  NETWORK_UNDEFINE: call(49, { net: network }),
  NETWORK_IS_ACTIVE: call(152, { net: network }, { active: int }),
  NETWORK_IS_PERSISTENT: call(153, { net: network }, { persistent: int }),
  NETWORK_UPDATE: call(291, { net: network, command: uint, section: uint, parentIndex: int, xml: string, flags: uint }),
  NETWORK_GET_DHCP_LEASES: call(
    341,
    { net: network, mac: optionalString, need_results: int, flags: uint },
    { leases: list(dhcpLease, 65_536), ret: uint },
  ),
  NETWORK_LIST_ALL_PORTS: call(404, { network, need_results: int, flags: uint }, { ports: list(networkPort, 16_384), ret: uint }),
  NETWORK_PORT_LOOKUP_BY_UUID: call(405, { network, uuid }, { port: networkPort }),
  NETWORK_PORT_CREATE_XML: call(406, { network, xml: string, flags: uint }, { port: networkPort }),
  NETWORK_PORT_GET_PARAMETERS: call(
    407,
    { port: networkPort, nparams: int, flags: uint },
    { params: typedParameters(16), nparams: int },
  ),
  NETWORK_PORT_SET_PARAMETERS: call(408, { port: networkPort, params: typedParameters(16), flags: uint }),
  NETWORK_PORT_GET_XML_DESC: call(409, { port: networkPort, flags: uint }, { xml: string }),
  NETWORK_PORT_DELETE: call(410, { port: networkPort, flags: uint }),
  NETWORK_DEFINE_XML_FLAGS: call(432, { xml: string, flags: uint }, { net: network }),
  NETWORK_CREATE_XML_FLAGS: call(437, { xml: string, flags: uint }, { net: network }),
};
