import { alerts } from '../../schema/errors.js';
import type { Database } from '../db/database.js';
import { toDateTime } from '../model/datetime.js';
import type { Ref } from '../model/ref.js';
import type { EnumValue } from '../model/types.js';

/** Messages that are kept; beyond it the oldest go, as with the original. */
const MESSAGES_KEPT = 10_000;

/** Name of an alert that the server itself sends. */
export type AlertName = keyof typeof alerts;

export interface NewMessage {
  readonly name: string;
  readonly priority: number;
  readonly cls: EnumValue<'cls'>;
  readonly objUuid: string;
  readonly body: string;
}

/** Owns the messages: what happened to an object, for people to read. */
export class Alerts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Sends one of the server's own alerts about an object. */
  send(name: AlertName, cls: EnumValue<'cls'>, objUuid: string, body: string): void {
    this.create({ name, priority: alerts[name], cls, objUuid, body });
  }

  /** Keeps a message and tells everybody. */
  create({ name, priority, cls, objUuid, body }: NewMessage): Ref<'message'> {
    return this.#db.transaction(() => {
      const { rows } = this.#db.table('message');
      if (rows.size >= MESSAGES_KEPT) {
        const oldest = rows.keys().next().value;
        if (oldest !== undefined) this.#db.destroy('message', oldest);
      }
      return this.#db.create('message', { name, priority, cls, obj_uuid: objUuid, timestamp: toDateTime(), body });
    });
  }
}
