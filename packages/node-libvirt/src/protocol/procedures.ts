import type { Codec, EncodableFields } from '../xdr/codec.js';
import { connectionCalls } from './calls/connection.js';
import { domainCalls } from './calls/domain.js';
import { blockCalls } from './calls/domain-blocks.js';
import { guestCalls } from './calls/domain-guest.js';
import { migrationCalls } from './calls/domain-migration.js';
import { snapshotCalls } from './calls/domain-snapshots.js';
import { tuningCalls } from './calls/domain-tuning.js';
import { eventRegistrationCalls } from './calls/event-registration.js';
import { hostInterfaceCalls } from './calls/host-interface.js';
import { networkCalls } from './calls/network.js';
import { nodeCalls } from './calls/node.js';
import { nwfilterCalls } from './calls/nwfilter.js';
import { qemuCalls } from './calls/qemu.js';
import { secretCalls } from './calls/secret.js';
import { storageCalls } from './calls/storage.js';
import type { Call, ResultFields, StreamDirection } from './procedure.js';

/** Every call that this client knows, by its name in the protocol. */
export const procedures = {
  ...connectionCalls,
  ...eventRegistrationCalls,
  ...nodeCalls,
  ...domainCalls,
  ...tuningCalls,
  ...blockCalls,
  ...guestCalls,
  ...snapshotCalls,
  ...migrationCalls,
  ...networkCalls,
  ...storageCalls,
  ...nwfilterCalls,
  ...secretCalls,
  ...hostInterfaceCalls,
  ...qemuCalls,
};

type Procedures = typeof procedures;

/** A call that opens a stream. */
export type StreamProcedure = {
  [P in keyof Procedures]: Procedures[P] extends { readonly stream: StreamDirection } ? P : never;
}[keyof Procedures];

/** A call that is over when its result is there. */
export type Procedure = Exclude<keyof Procedures, StreamProcedure>;

type ArgumentFields<C> = C extends Call<infer A, infer _R, infer _S> ? A : never;

type ResultMembers<C> = C extends Call<infer _A, infer R, infer _S> ? R : never;

/** The arguments of a call, with the protocol's names. */
export type ArgumentsOf<P extends Procedure | StreamProcedure> = EncodableFields<ArgumentFields<Procedures[P]>>;

/** The result of a call, with the protocol's names. `undefined` if it has none. */
export type ResultOf<P extends Procedure | StreamProcedure> = ResultFields<ResultMembers<Procedures[P]>>;

/** The declaration of a call, whatever its arguments and its result are, for code that serves all of them. */
export interface AnyCall {
  readonly program: number;
  readonly number: number;
  readonly stream: StreamDirection | undefined;
  readonly args: Codec<unknown, unknown>;
  readonly result: Codec<unknown, unknown>;
}

/** The declaration of a call. A name that is none is a `RangeError`. */
export function callNamed(name: Procedure | StreamProcedure): AnyCall {
  if (!Object.hasOwn(procedures, name)) throw new RangeError(`libvirt's protocol has no ${String(name)}`);
  return procedures[name] as AnyCall;
}
