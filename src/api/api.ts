import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import type { Persona } from '../model/personas/persona.js';
import type { Ref } from '../model/ref.js';
import type { Alerts } from './alerts.js';
import type { LegacyEvents } from './events/legacy.js';
import type { Waiters } from './events/waiters.js';
import type { HostRegistry } from './host-registry.js';
import type { Identities } from './identities.js';
import type { Measurements } from './measurements/measurements.js';
import type { MethodTable } from './method-table.js';
import type { Operations } from './operations/operations.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';
import type { DiskServer } from './storage/nbd/offered-addresses.js';
import type { Tasks } from './tasks.js';

/** Makes a call fail or wait on purpose; rules come from the emulated world. */
export interface CallFaults {
  /** Undefined to let the call through; else a promise that resolves after a delay or rejects with the injected error. */
  match(message: string, args: readonly unknown[]): Promise<void> | undefined;
}

/** Everything that a handler may need, built once at start. */
export interface Api {
  readonly db: Database;
  readonly log: Logger;
  readonly methods: MethodTable;
  /** What system.listMethods tells. */
  readonly methodNames: readonly string[];
  readonly sessions: Sessions;
  /** Stands for the session of calls that need none. */
  readonly noSession: Session;
  readonly tasks: Tasks;
  readonly waiters: Waiters;
  readonly legacyEvents: LegacyEvents;
  readonly alerts: Alerts;
  readonly operations: Operations;
  readonly hosts: HostRegistry;
  readonly measurements: Measurements;
  readonly identities: Identities;
  readonly persona: Persona;
  readonly faults?: CallFaults;
  /** The host that this daemon runs on. Another one when the pool has been given another coordinator. */
  localHost: Ref<'host'>;
  /** The one pool object. */
  readonly pool: Ref<'pool'>;
  /** What hosts of a pool prove themselves with. Changes when it is rotated. */
  poolSecret: string;
  /** Where disks are offered for reading over NBD; undefined while they are not. */
  diskServer: DiskServer | undefined;
  /** Directory for what is kept outside the database: blobs, add-ons. */
  readonly dataDir: string;
}
