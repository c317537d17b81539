import { int, uint } from '../../xdr/scalars.js';
import { qemuCall } from '../procedure.js';
import { domain, optionalDomain } from '../references.js';
import { optionalString, string } from '../texts.js';

/** Calls of the program QEMU: past libvirt to the monitor of QEMU, and to the agent in the guest. */
export const qemuCalls = {
  QEMU_DOMAIN_MONITOR_COMMAND: qemuCall(1, { dom: domain, cmd: string, flags: uint }, { result: string }),
  QEMU_DOMAIN_ATTACH: qemuCall(2, { pid_value: uint, flags: uint }, { dom: domain }),
  QEMU_DOMAIN_AGENT_COMMAND: qemuCall(3, { dom: domain, cmd: string, timeout: int, flags: uint }, { result: optionalString }),
  QEMU_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER: qemuCall(
    4,
    { dom: optionalDomain, event: optionalString, flags: uint },
    { callbackID: int },
  ),
  QEMU_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER: qemuCall(5, { callbackID: int }),
};
