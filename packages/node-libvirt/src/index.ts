export { type ConnectOptions, connect } from './connection/connect.js';
export type { Connection, MonitorEventFilter, Unsubscribe } from './connection/connection.js';
export type { KeepAliveOptions } from './connection/keep-alive.js';
export type { CallOptions } from './connection/pending-calls.js';
export * from './enums/index.js';
export { type ErrorReport, LibvirtBusy, LibvirtClosed, LibvirtError, LibvirtTimeout } from './errors.js';
export type {
  DomainEventName,
  DomainEventOf,
  MonitorEvent,
  NetworkEventName,
  NetworkEventOf,
  NodeDeviceEventName,
  NodeDeviceEventOf,
  SecretEventName,
  SecretEventOf,
  StoragePoolEventName,
  StoragePoolEventOf,
} from './protocol/events.js';
export type { ArgumentsOf, Procedure, ResultOf, StreamProcedure } from './protocol/procedures.js';
export type {
  CheckpointRef,
  DomainRef,
  InterfaceRef,
  NetworkPortRef,
  NetworkRef,
  NodeDeviceRef,
  NwfilterBindingRef,
  NwfilterRef,
  SecretRef,
  SnapshotRef,
  StoragePoolRef,
  StorageVolRef,
} from './protocol/references.js';
export type { TypedParameter, TypedParameterInput, TypedParameterType } from './protocol/typed-parameter.js';
export type { SshOptions } from './transport/ssh.js';
export type { TlsOptions } from './transport/tls.js';
export { XdrError } from './xdr/xdr-error.js';
