import type { RecordVersion } from '../model/record.js';
import type { Row, Table } from './table.js';

/** One object that a transaction made, changed or removed. `touch` is a change that alters nothing. */
export interface CommittedChange {
  readonly kind: 'add' | 'mod' | 'touch' | 'del';
  readonly table: Table;
  readonly row: Row;
  /** The version before the transaction; undefined for what it made. */
  readonly before: RecordVersion | undefined;
  /** Whether what is on disk of it is no longer right. */
  readonly stored: boolean;
}

/** An object that a transaction has written to, while it goes on. */
export interface TouchedRow {
  readonly table: Table;
  readonly row: Row;
  readonly before: RecordVersion | undefined;
  readonly created: boolean;
  readonly destroyed: boolean;
  /** Whether a field was written that is kept on disk. */
  readonly stored: boolean;
}

interface Entry extends TouchedRow {
  created: boolean;
  destroyed: boolean;
  stored: boolean;
}

/** What one transaction has done so far: enough to undo it, and to tell the rest of the daemon when it is done. */
export class Commit {
  readonly #entries = new Map<Row, Entry>();

  created(table: Table, row: Row): void {
    this.#entries.set(row, { table, row, before: undefined, created: true, destroyed: false, stored: true });
  }

  /** `previous` is the version that was replaced; the first one counts. */
  changed(table: Table, row: Row, stored: boolean, previous: RecordVersion = row.version): void {
    const entry = this.#entries.get(row);
    if (!entry) this.#entries.set(row, { table, row, before: previous, created: false, destroyed: false, stored });
    else if (stored) entry.stored = true;
  }

  destroyed(table: Table, row: Row): void {
    const entry = this.#entries.get(row);
    if (entry) Object.assign(entry, { destroyed: true, stored: true });
    else this.#entries.set(row, { table, row, before: row.version, created: false, destroyed: true, stored: true });
  }

  /** Takes over what a transaction inside this one has done. */
  take(inner: Commit): void {
    for (const [row, entry] of inner.#entries) {
      const own = this.#entries.get(row);
      if (own) Object.assign(own, { destroyed: entry.destroyed, stored: own.stored || entry.stored });
      else this.#entries.set(row, entry);
    }
  }

  /** What was touched so far; what is touched while the list is walked is walked too. */
  *touched(): Generator<TouchedRow> {
    yield* this.#entries.values();
  }

  /** Puts everything back as it was. */
  undo(): void {
    for (const entry of [...this.#entries.values()].reverse()) {
      const { table, row } = entry;
      if (entry.created) {
        if (!entry.destroyed) table.withdraw(row);
        continue;
      }
      if (entry.before) table.replace(row, entry.before);
      if (entry.destroyed) table.reinstate(row);
    }
  }

  /** The net effect: what was made and removed again is not in it. */
  changes(): readonly CommittedChange[] {
    const list: CommittedChange[] = [];
    for (const { table, row, before, created, destroyed, stored } of this.#entries.values()) {
      if (created && destroyed) continue;
      const kind = destroyed ? 'del' : created ? 'add' : before === row.version ? 'touch' : 'mod';
      list.push({ kind, table, row, before, stored });
    }
    return list;
  }
}
