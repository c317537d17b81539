import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CommittedChange } from '../../db/commit.js';
import type { Database } from '../../db/database.js';
import type { Metric, MetricOwner } from '../../host/metrics.js';
import { ArchiveFiles } from './archive-files.js';
import { inParallel } from './in-parallel.js';
import { OwnerArchives } from './owner-archives.js';
import { type ArchivePlan, archivePlans } from './plan.js';

/** Owners whose values are taken in before others get their turn: a few milliseconds of work. */
const AT_ONCE = 200;
/** Files that are read or written at the same time. */
const FILES_AT_ONCE = 8;
/** Measurements in which every owner is written to disk once: a quarter of an hour. */
const WRITTEN_IN = 180;
/** Milliseconds in which an owner is not written twice, however few there are. */
const WRITTEN_EVERY = 5 * 60_000;

/** Asks for smallest and largest values in the archives of VMs and SRs too. */
const EXTREMES_KEY = 'create_min_max_in_new_VM_RRDs';

const CLASS_OF = { host: 'host', vm: 'VM', sr: 'SR' } as const;
const KIND_OF: Readonly<Record<string, MetricOwner['kind']>> = { host: 'host', VM: 'vm', SR: 'sr' };

/** What the measurements need of the daemon. */
export interface MeasurementParts {
  readonly db: Database;
  readonly log: Logger;
  /** Where the archives are kept, in a directory of their own. */
  readonly dataDir: string;
}

/** What was measured of one owner. */
export interface Measured {
  readonly owner: MetricOwner;
  readonly metrics: readonly Metric[];
}

interface Held {
  readonly archives: OwnerArchives;
  /** Milliseconds since the epoch at which it was written last. */
  written: number;
}

/**
 * The history of everything that is measured. In memory is whoever is measured now; a VM that halts or an SR that is
 * detached goes to disk and comes back when it is asked for. What belongs to a destroyed object goes.
 */
export class Measurements {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #files: ArchiveFiles;
  /** By owner; whoever was written longest ago comes first. */
  readonly #held = new Map<string, Held>();
  readonly #opening = new Map<string, Promise<OwnerArchives>>();

  constructor({ db, log, dataDir }: MeasurementParts) {
    this.#db = db;
    this.#log = log;
    this.#files = new ArchiveFiles(join(dataDir, 'measurements'));
  }

  /** The archives of somebody who is measured now. */
  find(owner: MetricOwner): OwnerArchives | undefined {
    return this.#held.get(keyOf(owner))?.archives;
  }

  /** The archives of somebody, from disk where need be; undefined when nothing was ever measured. */
  async look(owner: MetricOwner): Promise<OwnerArchives | undefined> {
    return this.find(owner) ?? (await this.#read(owner));
  }

  /** The archives of somebody, to be written to: from memory, from disk, or new. */
  async open(owner: MetricOwner): Promise<OwnerArchives> {
    const key = keyOf(owner);
    const held = this.#held.get(key);
    if (held) return held.archives;
    let opening = this.#opening.get(key);
    if (!opening) {
      opening = this.#open(owner).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return opening;
  }

  /** Takes in what was measured of some owners at a time (milliseconds since the epoch). Of objects that nobody knows yet nothing is kept. */
  async take(now: number, measured: readonly Measured[]): Promise<void> {
    const unknown = measured.filter(({ owner }) => !this.#held.has(keyOf(owner)) && this.#exists(owner));
    await inParallel(FILES_AT_ONCE, unknown, async ({ owner }) => {
      await this.open(owner);
    });
    let count = 0;
    for (const { owner, metrics } of measured) {
      this.#held.get(keyOf(owner))?.archives.update(now, metrics);
      count++;
      if (count % AT_ONCE === 0) await setImmediate();
    }
  }

  /** Writes some of the archives, those first that were written longest ago, and lets go of whoever is measured no longer. */
  async keep(now: number = Date.now()): Promise<void> {
    const due: Held[] = [];
    const count = Math.ceil(this.#held.size / WRITTEN_IN);
    for (const held of this.#held.values()) {
      if (due.length >= count || now - held.written < WRITTEN_EVERY) break;
      due.push(held);
    }
    const left = [...this.#held.values()].filter((held) => !due.includes(held) && this.#hasLeft(held.archives.owner));
    await inParallel(FILES_AT_ONCE, [...due, ...left], async (held) => {
      held.archives.tidy(now);
      await this.#write(held, now);
    });
    for (const { archives } of left) if (this.#hasLeft(archives.owner)) this.#held.delete(keyOf(archives.owner));
  }

  /** Keeps the history of one measured thing from now on, or drops it; false when nothing of the name is measured. */
  async setRecorded(owner: MetricOwner, name: string, recorded: boolean): Promise<boolean> {
    const archives = await this.open(owner);
    if (!archives.setRecorded(name, recorded)) return false;
    const held = this.#held.get(keyOf(owner));
    if (held) await this.#write(held, Date.now());
    return true;
  }

  /** Removes what is kept of objects that are no more. To be called once, when the database is there. */
  async removeOrphans(): Promise<void> {
    for (const owner of await this.#files.list()) if (!this.#exists(owner)) await this.#files.remove(owner);
  }

  /** Follows the database: what belongs to a destroyed object goes. Returns the way to stop it. */
  follow(): () => void {
    return this.#db.onChange((changes) => this.#changed(changes));
  }

  /** Writes everything. */
  async save(): Promise<void> {
    const now = Date.now();
    await inParallel(FILES_AT_ONCE, [...this.#held.values()], (held) => this.#write(held, now));
  }

  #changed(changes: readonly CommittedChange[]): void {
    for (const { kind, table, row } of changes) {
      const owner = kind === 'del' ? KIND_OF[table.model.name] : undefined;
      const { fields } = row.version;
      if (owner !== undefined && 'uuid' in fields && typeof fields.uuid === 'string')
        this.#remove({ kind: owner, uuid: fields.uuid });
    }
  }

  #remove(owner: MetricOwner): void {
    this.#held.delete(keyOf(owner));
    this.#files.remove(owner).catch((thrown: unknown) => {
      this.#log.warn({ err: thrown, ...owner }, 'measurements of an object that was destroyed could not be removed');
    });
  }

  async #open(owner: MetricOwner): Promise<OwnerArchives> {
    const archives = (await this.#read(owner)) ?? new OwnerArchives(owner, this.#plans(owner));
    this.#held.set(keyOf(owner), { archives, written: 0 });
    return archives;
  }

  async #read(owner: MetricOwner): Promise<OwnerArchives | undefined> {
    try {
      return await this.#files.read(owner, this.#plans(owner));
    } catch (thrown) {
      this.#log.warn({ err: thrown, ...owner }, 'what was measured earlier cannot be read');
      return undefined;
    }
  }

  async #write(held: Held, now: number): Promise<void> {
    const key = keyOf(held.archives.owner);
    // Destroyed meanwhile: it must not come back.
    if (!this.#exists(held.archives.owner)) {
      this.#held.delete(key);
      return;
    }
    held.written = now;
    if (this.#held.delete(key)) this.#held.set(key, held);
    try {
      await this.#files.write(held.archives);
    } catch (thrown) {
      this.#log.warn({ err: thrown, ...held.archives.owner }, 'measurements could not be written');
    }
    if (!this.#exists(held.archives.owner)) await this.#files.remove(held.archives.owner);
  }

  #plans({ kind }: MetricOwner): readonly ArchivePlan[] {
    const [pool] = this.#db.all('pool');
    return archivePlans(kind === 'host' || pool?.[1].other_config.get(EXTREMES_KEY) === 'true');
  }

  #exists({ kind, uuid }: MetricOwner): boolean {
    return this.#db.table(CLASS_OF[kind]).refsByUuid.has(uuid);
  }

  /** Whether somebody is measured no longer. A VM that is only too busy to be measured stays. */
  #hasLeft(owner: MetricOwner): boolean {
    const ref = this.#db.table(CLASS_OF[owner.kind]).refsByUuid.get(owner.uuid);
    if (ref === undefined) return true;
    if (owner.kind === 'vm') return !['Running', 'Paused'].includes(this.#db.get('VM', ref).power_state);
    return (
      owner.kind === 'sr' && !this.#db.get('SR', ref).PBDs.some((pbd) => this.#db.find('PBD', pbd)?.fields.currently_attached)
    );
  }
}

function keyOf({ kind, uuid }: MetricOwner): string {
  return `${kind} ${uuid}`;
}
