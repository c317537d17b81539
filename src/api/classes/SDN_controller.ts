import { ApiError } from '../../model/error.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import { assertAddress, assertPort } from '../network/address-checks.js';
import { assertVirtualSwitch } from '../network/virtual-switch.js';

/** Where a controller listens unless somebody says otherwise. */
const CONTROLLER_PORT = 6632;

/** SDN_controller.introduce: kept; hosts have no way yet to follow a controller. */
const introduce: Handler<'SDN_controller', 'introduce'> = ({ api }, protocol, address, port) => {
  const { db } = api;
  try {
    assertVirtualSwitch(api, api.localHost);
  } catch {
    throw new ApiError('OPERATION_NOT_ALLOWED', 'host not configured for vswitch operation');
  }
  if (db.table('SDN_controller').rows.size)
    throw new ApiError('OPERATION_NOT_ALLOWED', 'SDN controller has been configured. Please forget it first.');
  if (protocol === 'pssl') {
    if (address !== '') throw new ApiError('INVALID_VALUE', 'address', address);
    if (port !== 0) throw new ApiError('INVALID_VALUE', 'port', String(port));
  } else {
    if (address === '') throw new ApiError('INVALID_VALUE', 'address', address);
    assertAddress('IPv4', 'address', address);
  }
  if (port !== 0) assertPort('port', port);
  return db.create('SDN_controller', { protocol, address, port: protocol === 'ssl' && port === 0 ? CONTROLLER_PORT : port });
};

/** Controllers that steer the virtual switches. */
export const SDN_controller: ClassBehaviour<'SDN_controller'> = {
  messages: {
    introduce: storedOnly(introduce),
    forget: storedOnly(({ api: { db } }, self) => db.destroy('SDN_controller', self)),
  },
};
