import { list } from '../../xdr/codec.js';
import { hyper, int, uint, unsignedHyper } from '../../xdr/scalars.js';
import { call, streamCall } from '../procedure.js';
import { domain } from '../references.js';
import { fileSystem, guestInterface } from '../structures.js';
import { optionalString, string } from '../texts.js';
import { typedParameters } from '../typed-parameter.js';

/** Calls that reach into the guest: through its agent, its keyboard, its screen, its serial lines. */
export const guestCalls = {
  DOMAIN_OPEN_CONSOLE: streamCall(201, 'both', { dom: domain, dev_name: optionalString, flags: uint }),
  DOMAIN_INJECT_NMI: call(210, { dom: domain, flags: uint }),
  DOMAIN_SCREENSHOT: streamCall(211, 'read', { dom: domain, screen: uint, flags: uint }, { mime: optionalString }),
  DOMAIN_SEND_KEY: call(226, { dom: domain, codeset: uint, holdtime: uint, keycodes: list(uint, 16), flags: uint }),
  DOMAIN_PM_SUSPEND_FOR_DURATION: call(261, { dom: domain, target: uint, duration: unsignedHyper, flags: uint }),
  DOMAIN_PM_WAKEUP: call(267, { dom: domain, flags: uint }),
  DOMAIN_GET_HOSTNAME: call(277, { dom: domain, flags: uint }, { hostname: string }),
  DOMAIN_FSTRIM: call(294, { dom: domain, mountPoint: optionalString, minimum: unsignedHyper, flags: uint }),
  DOMAIN_SEND_PROCESS_SIGNAL: call(295, { dom: domain, pid_value: hyper, signum: uint, flags: uint }),
  DOMAIN_OPEN_CHANNEL: streamCall(296, 'both', { dom: domain, name: optionalString, flags: uint }),
  DOMAIN_FSFREEZE: call(335, { dom: domain, mountpoints: list(string, 256), flags: uint }, { filesystems: int }),
  DOMAIN_FSTHAW: call(336, { dom: domain, mountpoints: list(string, 256), flags: uint }, { filesystems: int }),
  DOMAIN_GET_TIME: call(337, { dom: domain, flags: uint }, { seconds: hyper, nseconds: uint }),
  DOMAIN_SET_TIME: call(338, { dom: domain, seconds: hyper, nseconds: uint, flags: uint }),
  DOMAIN_GET_FSINFO: call(349, { dom: domain, flags: uint }, { info: list(fileSystem, 256), ret: uint }),
  DOMAIN_INTERFACE_ADDRESSES: call(353, { dom: domain, source: uint, flags: uint }, { ifaces: list(guestInterface, 2048) }),
  DOMAIN_SET_USER_PASSWORD: call(357, { dom: domain, user: optionalString, password: optionalString, flags: uint }),
  DOMAIN_GET_GUEST_VCPUS: call(371, { dom: domain, flags: uint }, { params: typedParameters(64) }),
  DOMAIN_SET_GUEST_VCPUS: call(372, { dom: domain, cpumap: string, state: int, flags: uint }),
  DOMAIN_GET_LAUNCH_SECURITY_INFO: call(396, { dom: domain, flags: uint }, { params: typedParameters(64) }),
  DOMAIN_GET_GUEST_INFO: call(418, { dom: domain, types: uint, flags: uint }, { params: typedParameters(2048) }),
  DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: call(420, { dom: domain, timeout: int, flags: uint }, { result: int }),
  DOMAIN_AUTHORIZED_SSH_KEYS_GET: call(424, { dom: domain, user: string, flags: uint }, { keys: list(string, 2048) }),
  DOMAIN_AUTHORIZED_SSH_KEYS_SET: call(425, { dom: domain, user: string, keys: list(string, 2048), flags: uint }),
  DOMAIN_SET_LAUNCH_SECURITY_STATE: call(439, { dom: domain, params: typedParameters(64), flags: uint }),
};
