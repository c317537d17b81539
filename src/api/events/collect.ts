import type { Database } from '../../db/database.js';
import type { RecordVersion } from '../../model/record.js';
import type { EventBatch } from '../../model/types.js';
import { eventRecord } from './event-record.js';
import type { Subscription } from './subscription.js';
import { type EventToken, formatToken } from './token.js';

/** How many objects each class has, by lower-case name: lets clients see that they missed a deletion. */
export function countRefs(db: Database): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const table of db.tables()) counts.set(table.model.lowerName, table.rows.size);
  return counts;
}

/**
 * What a client with this token has not seen yet, one event an object: messages first, then what was made, changed, and
 * removed. Costs as much as there are changes. The token's count of messages is 0 for who does not hear of them, as with the
 * original.
 */
export function collectEvents(db: Database, subscription: Subscription, token: EventToken): EventBatch {
  const messages: RecordVersion<'event'>[] = [];
  const add: RecordVersion<'event'>[] = [];
  const mod: RecordVersion<'event'>[] = [];
  const del: RecordVersion<'event'>[] = [];
  for (const table of db.tables()) {
    if (!subscription.table(table)) continue;
    const isMessage = table.model.name === 'message';
    const since = isMessage ? token.messages : token.objects;
    const [made, removed] = isMessage ? [messages, messages] : [add, del];
    for (const row of table.changedSince(since)) {
      if (!subscription.object(table, row.ref)) continue;
      const isNew = row.created > since;
      (isNew ? made : mod).push(eventRecord(table, isNew ? 'add' : 'mod', row.ref, row.modified, row.version));
    }
    for (const gone of table.deletedSince(since)) {
      if (gone.created > since || !subscription.object(table, gone.ref)) continue;
      removed.push(eventRecord(table, 'del', gone.ref, gone.deleted));
    }
  }
  const hearsMessages = subscription.table(db.table('message'));
  const objects = add.length + mod.length + del.length ? db.generation : token.objects;
  return {
    events: [messages, add, mod, del].flatMap((list) => list.reverse()),
    valid_ref_counts: countRefs(db),
    token: formatToken({ objects, messages: hearsMessages ? db.messageGeneration : 0 }),
  };
}
