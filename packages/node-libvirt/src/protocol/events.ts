import type { Codec, DecodedFields, Fields } from '../xdr/codec.js';
import { list, struct } from '../xdr/codec.js';
import { hyper, int, uint, unsignedHyper } from '../xdr/scalars.js';
import { Program } from './procedure.js';
import { domain, network, nodeDevice, secret, storagePool } from './references.js';
import { graphicsAddress, graphicsIdentity } from './structures.js';
import { optionalString, string } from './texts.js';
import { typedParameters } from './typed-parameter.js';

/** An event that can be asked for. */
export interface EventShape<F extends Fields> {
  readonly program: number;
  /** The number by which it is asked for. */
  readonly id: number;
  /** The number of the message that tells of it. */
  readonly number: number;
  /** The message after the number of the callback, which begins each of them. */
  readonly payload: Codec<DecodedFields<F>, never>;
}

/** An event of the program REMOTE by its number for asking and its number for telling. */
function event<const F extends Fields>(id: number, number: number, fields: F): EventShape<F> {
  return { program: Program.REMOTE, id, number, payload: struct(fields) };
}

/** Events of domains. */
export const domainEvents = {
  LIFECYCLE: event(0, 318, { dom: domain, event: int, detail: int }),
  REBOOT: event(1, 319, { dom: domain }),
  RTC_CHANGE: event(2, 320, { dom: domain, offset: hyper }),
  WATCHDOG: event(3, 321, { dom: domain, action: int }),
  IO_ERROR: event(4, 322, { dom: domain, srcPath: string, devAlias: string, action: int }),
  GRAPHICS: event(5, 323, {
    dom: domain,
    phase: int,
    local: graphicsAddress,
    remote: graphicsAddress,
    authScheme: string,
    subject: list(graphicsIdentity, 20),
  }),
  IO_ERROR_REASON: event(6, 324, { dom: domain, srcPath: string, devAlias: string, action: int, reason: string }),
  CONTROL_ERROR: event(7, 325, { dom: domain }),
  BLOCK_JOB: event(8, 326, { dom: domain, path: string, type: int, status: int }),
  DISK_CHANGE: event(9, 327, {
    dom: domain,
    oldSrcPath: optionalString,
    newSrcPath: optionalString,
    devAlias: string,
    reason: int,
  }),
  TRAY_CHANGE: event(10, 328, { dom: domain, devAlias: string, reason: int }),
  PMWAKEUP: event(11, 329, { reason: int, dom: domain }),
  PMSUSPEND: event(12, 330, { reason: int, dom: domain }),
  BALLOON_CHANGE: event(13, 331, { dom: domain, actual: unsignedHyper }),
  PMSUSPEND_DISK: event(14, 332, { reason: int, dom: domain }),
  DEVICE_REMOVED: event(15, 333, { dom: domain, devAlias: string }),
  BLOCK_JOB_2: event(16, 339, { dom: domain, dst: string, type: int, status: int }),
  TUNABLE: event(17, 346, { dom: domain, params: typedParameters(2048) }),
  AGENT_LIFECYCLE: event(18, 348, { dom: domain, state: int, reason: int }),
  DEVICE_ADDED: event(19, 354, { dom: domain, devAlias: string }),
  MIGRATION_ITERATION: event(20, 359, { dom: domain, iteration: int }),
  JOB_COMPLETED: event(21, 363, { dom: domain, params: typedParameters(64) }),
  DEVICE_REMOVAL_FAILED: event(22, 367, { dom: domain, devAlias: string }),
  METADATA_CHANGE: event(23, 379, { dom: domain, type: int, nsuri: optionalString }),
  BLOCK_THRESHOLD: event(24, 385, {
    dom: domain,
    dev: string,
    path: optionalString,
    threshold: unsignedHyper,
    excess: unsignedHyper,
  }),
  MEMORY_FAILURE: event(25, 423, { dom: domain, recipient: int, action: int, flags: uint }),
  MEMORY_DEVICE_SIZE_CHANGE: event(26, 438, { dom: domain, alias: string, size: unsignedHyper }),
};

/** Events of virtual networks. */
export const networkEvents = { LIFECYCLE: event(0, 315, { net: network, event: int, detail: int }) };

/** Events of storage pools. */
export const storagePoolEvents = {
  LIFECYCLE: event(0, 370, { pool: storagePool, event: int, detail: int }),
  REFRESH: event(1, 373, { pool: storagePool }),
};

/** Events of the host's devices. */
export const nodeDeviceEvents = {
  LIFECYCLE: event(0, 376, { dev: nodeDevice, event: int, detail: int }),
  UPDATE: event(1, 377, { dev: nodeDevice }),
};

/** Events of secrets. */
export const secretEvents = {
  LIFECYCLE: event(0, 382, { secret, event: int, detail: int }),
  VALUE_CHANGED: event(1, 383, { secret }),
};

/** Events of QEMU's monitor, as it words them. `details` is JSON. */
export const monitorEvents = {
  MONITOR: {
    ...event(0, 6, { dom: domain, event: string, seconds: hyper, micros: uint, details: optionalString }),
    program: Program.QEMU,
  },
};

type PayloadOf<E> = E extends EventShape<infer F> ? DecodedFields<F> : never;

/** The name of an event of domains: `LIFECYCLE`, `REBOOT`, ... */
export type DomainEventName = keyof typeof domainEvents;
/** What is told with an event of a domain. */
export type DomainEventOf<E extends DomainEventName> = PayloadOf<(typeof domainEvents)[E]>;
/** The name of an event of virtual networks. */
export type NetworkEventName = keyof typeof networkEvents;
/** What is told with an event of a virtual network. */
export type NetworkEventOf<E extends NetworkEventName> = PayloadOf<(typeof networkEvents)[E]>;
/** The name of an event of storage pools. */
export type StoragePoolEventName = keyof typeof storagePoolEvents;
/** What is told with an event of a storage pool. */
export type StoragePoolEventOf<E extends StoragePoolEventName> = PayloadOf<(typeof storagePoolEvents)[E]>;
/** The name of an event of the host's devices. */
export type NodeDeviceEventName = keyof typeof nodeDeviceEvents;
/** What is told with an event of a device of the host. */
export type NodeDeviceEventOf<E extends NodeDeviceEventName> = PayloadOf<(typeof nodeDeviceEvents)[E]>;
/** The name of an event of secrets. */
export type SecretEventName = keyof typeof secretEvents;
/** What is told with an event of a secret. */
export type SecretEventOf<E extends SecretEventName> = PayloadOf<(typeof secretEvents)[E]>;
/** What is told with an event of QEMU's monitor. */
export type MonitorEvent = PayloadOf<(typeof monitorEvents)['MONITOR']>;
