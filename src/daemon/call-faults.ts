import { setTimeout as sleep } from 'node:timers/promises';
import type { CallFaults } from '../api/api.js';
import type { Database } from '../db/database.js';
import type { FaultInjector } from '../host/emulated/faults.js';

/** Lets the emulated world's fault rules strike calls of the API, by the uuids of the objects that a call names. */
export class InjectedFaults implements CallFaults {
  readonly #db: Database;
  readonly #injector: FaultInjector;

  constructor(db: Database, injector: FaultInjector) {
    this.#db = db;
    this.#injector = injector;
  }

  match(message: string, args: readonly unknown[]): Promise<void> | undefined {
    if (!this.#injector.rules.length) return undefined;
    const fault = this.#injector.match(message, this.#uuids(args));
    return fault && strike(fault.delay, fault.error);
  }

  #uuids(args: readonly unknown[]): string[] {
    const refs = args.filter((arg): arg is string => typeof arg === 'string' && arg.startsWith('OpaqueRef:'));
    return refs.flatMap((ref) => {
      for (const table of this.#db.tables()) {
        const row = table.rows.get(ref);
        if (row) return [(row.version.fields as { uuid?: string }).uuid ?? ''];
      }
      return [];
    });
  }
}

async function strike(delay: number, error: Error | undefined): Promise<void> {
  if (delay > 0) await sleep(delay, undefined, { ref: false });
  if (error) throw error;
}
