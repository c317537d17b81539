import { list, struct } from '../xdr/codec.js';
import { characters, hyper, int, opaque, uint, unsignedHyper } from '../xdr/scalars.js';
import { domain } from './references.js';
import { optionalString, string } from './texts.js';
import { typedParameters } from './typed-parameter.js';

// Structures that are parts of results and events. The number beside a list is the protocol's bound.

export const vcpuInfo = struct({ number: uint, state: int, cpu_time: unsignedHyper, cpu: int });
export const namedCount = struct({ field: string, value: unsignedHyper });
export const diskError = struct({ disk: string, error: int });
export const memoryStat = struct({ tag: int, val: unsignedHyper });
export const iothreadInfo = struct({ iothread_id: uint, cpumap: opaque(2048) });
export const statsRecord = struct({ dom: domain, params: typedParameters(262_144) });
export const fileSystem = struct({ mountpoint: string, name: string, fstype: string, dev_aliases: list(string, 256) });
export const ipAddress = struct({ type: int, addr: string, prefix: uint });
export const guestInterface = struct({ name: string, hwaddr: optionalString, addrs: list(ipAddress, 2048) });
export const securityLabel = struct({ label: characters({ most: 4097 }), enforcing: int });
export const graphicsAddress = struct({ family: int, node: string, service: string });
export const graphicsIdentity = struct({ type: string, name: string });
export const dhcpLease = struct({
  iface: string,
  expirytime: hyper,
  type: int,
  mac: optionalString,
  iaid: optionalString,
  ipaddr: string,
  prefix: uint,
  hostname: optionalString,
  clientid: optionalString,
});
