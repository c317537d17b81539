import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import type { Persona } from '../model/personas/persona.js';
import { NULL_REF, type Ref } from '../model/ref.js';
import { Alerts } from './alerts.js';
import type { Api, CallFaults } from './api.js';
import { behaviours } from './classes/index.js';
import { Dispatcher } from './dispatcher.js';
import { LegacyEvents } from './events/legacy.js';
import { Waiters } from './events/waiters.js';
import { HostRegistry } from './host-registry.js';
import type { Identities } from './identities.js';
import { Measurements } from './measurements/measurements.js';
import { MethodTable } from './method-table.js';
import { influences, operationRules } from './operations/all-rules.js';
import { Operations } from './operations/operations.js';
import type { Session } from './session.js';
import { type SESSION_LIMITS, Sessions } from './sessions.js';
import { Tasks } from './tasks.js';

/** What the API is built on. */
export interface ApiParts {
  readonly db: Database;
  readonly log: Logger;
  readonly identities: Identities;
  readonly persona: Persona;
  readonly faults?: CallFaults;
  readonly poolSecret: string;
  readonly dataDir: string;
  readonly sessionLimits?: Partial<typeof SESSION_LIMITS>;
}

const NO_SESSION: Session = {
  ref: NULL_REF,
  uuid: '',
  superuser: false,
  pool: false,
  local: true,
  userName: '',
  userSid: '',
  subject: NULL_REF,
  originator: '',
  roles: 0,
  lastActive: 0,
  ended: new AbortController().signal,
};

/**
 * Builds the API over a database that already holds a pool and its hosts. `localHost` is the host that the daemon runs on.
 */
export function buildApi(parts: ApiParts, localHost: Ref<'host'>): { api: Api; dispatcher: Dispatcher } {
  const { db } = parts;
  const [pool] = db.table('pool').rows.keys();
  const methods = new MethodTable(behaviours);
  const api: Api = {
    ...parts,
    methods,
    methodNames: methods.list
      .filter((m) => m.message.session || m.message.class.name === 'session')
      .map((m) => m.message.fullName),
    sessions: new Sessions(db, parts.sessionLimits),
    noSession: NO_SESSION,
    tasks: new Tasks(db),
    waiters: new Waiters(db),
    legacyEvents: new LegacyEvents(db),
    alerts: new Alerts(db),
    operations: new Operations(db, operationRules, influences),
    hosts: new HostRegistry(),
    measurements: new Measurements(parts),
    localHost,
    diskServer: undefined,
    pool: (pool ?? NULL_REF) as Ref<'pool'>,
  };
  api.operations.refreshAll();
  return { api, dispatcher: new Dispatcher(api) };
}
