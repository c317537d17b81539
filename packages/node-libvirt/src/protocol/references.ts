import type { Codec } from '../xdr/codec.js';
import { optional, struct } from '../xdr/codec.js';
import { int } from '../xdr/scalars.js';
import { string, uuid } from './texts.js';

/** A domain. `uuid` is dashed and in lower case, `id` is -1 unless it is active. libvirt finds a domain by its `uuid`. */
export interface DomainRef {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
}

/** A virtual network. */
export interface NetworkRef {
  readonly name: string;
  readonly uuid: string;
}

/** A port of a virtual network. */
export interface NetworkPortRef {
  readonly net: NetworkRef;
  readonly uuid: string;
}

/** A network filter. */
export interface NwfilterRef {
  readonly name: string;
  readonly uuid: string;
}

/** A network filter in force on a device of the host. */
export interface NwfilterBindingRef {
  readonly portdev: string;
  readonly filtername: string;
}

/** A network interface of the host. */
export interface InterfaceRef {
  readonly name: string;
  readonly mac: string;
}

/** A storage pool. */
export interface StoragePoolRef {
  readonly name: string;
  readonly uuid: string;
}

/** A volume of a storage pool. `key` is unique on the host. */
export interface StorageVolRef {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}

/** A device of the host. */
export interface NodeDeviceRef {
  readonly name: string;
}

/** A secret and what it is used for (`SecretUsageType`). */
export interface SecretRef {
  readonly uuid: string;
  readonly usageType: number;
  readonly usageID: string;
}

/** A checkpoint of a domain's disks. */
export interface CheckpointRef {
  readonly name: string;
  readonly dom: DomainRef;
}

/** A snapshot of a domain. */
export interface SnapshotRef {
  readonly name: string;
  readonly dom: DomainRef;
}

export const domain: Codec<DomainRef> = struct({ name: string, uuid, id: int });
export const optionalDomain = optional(domain);
export const network: Codec<NetworkRef> = struct({ name: string, uuid });
export const optionalNetwork = optional(network);
export const networkPort: Codec<NetworkPortRef> = struct({ net: network, uuid });
export const nwfilter: Codec<NwfilterRef> = struct({ name: string, uuid });
export const nwfilterBinding: Codec<NwfilterBindingRef> = struct({ portdev: string, filtername: string });
export const hostInterface: Codec<InterfaceRef> = struct({ name: string, mac: string });
export const storagePool: Codec<StoragePoolRef> = struct({ name: string, uuid });
export const optionalStoragePool = optional(storagePool);
export const storageVol: Codec<StorageVolRef> = struct({ pool: string, name: string, key: string });
export const nodeDevice: Codec<NodeDeviceRef> = struct({ name: string });
export const optionalNodeDevice = optional(nodeDevice);
export const secret: Codec<SecretRef> = struct({ uuid, usageType: int, usageID: string });
export const optionalSecret = optional(secret);
export const checkpoint: Codec<CheckpointRef> = struct({ name: string, dom: domain });
export const snapshot: Codec<SnapshotRef> = struct({ name: string, dom: domain });
