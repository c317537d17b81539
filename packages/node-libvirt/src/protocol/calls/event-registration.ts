import { int } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { optionalDomain, optionalNetwork, optionalNodeDevice, optionalSecret, optionalStoragePool } from '../references.js';

/** Calls that ask for events and end that. `Connection` makes them itself. */
export const eventRegistrationCalls = {
  CONNECT_NETWORK_EVENT_REGISTER_ANY: call(313, { eventID: int, net: optionalNetwork }, { callbackID: int }),
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: call(314, { callbackID: int }),
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: call(316, { eventID: int, dom: optionalDomain }, { callbackID: int }),
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: call(317, { callbackID: int }),
  CONNECT_REGISTER_CLOSE_CALLBACK: call(360, {}),
  CONNECT_UNREGISTER_CLOSE_CALLBACK: call(361, {}),
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: call(368, { eventID: int, pool: optionalStoragePool }, { callbackID: int }),
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: call(369, { callbackID: int }),
  CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY: call(374, { eventID: int, dev: optionalNodeDevice }, { callbackID: int }),
  CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY: call(375, { callbackID: int }),
  CONNECT_SECRET_EVENT_REGISTER_ANY: call(380, { eventID: int, secret: optionalSecret }, { callbackID: int }),
  CONNECT_SECRET_EVENT_DEREGISTER_ANY: call(381, { callbackID: int }),
};
