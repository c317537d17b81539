import type { Unsubscribe } from '../../../progress.js';
import type { SrPaths, StoragePaths } from '../../../storage-network.js';
import type { IscsiSession } from '../iscsi/session-table.js';
import type { Warn } from '../tree/intents.js';
import type { MultipathMap } from './maps.js';

/** Milliseconds between two looks: one question to multipathd, whatever the number of devices, and none where nothing has several ways. */
const INTERVAL = 5000;

/** Milliseconds between two attempts to have ways that were not there when an SR was attached. */
const MENDING = 60_000;

/** What of a storage network an SR uses. */
export interface UsedUnits {
  readonly iqns: readonly string[];
  /** SCSI ids of the units that are multipath devices. */
  readonly scsiIds: readonly string[];
  /** Where sessions are to be, `address:port`; empty where one is enough. */
  readonly addresses: readonly string[];
  /** Tries to have the sessions that are missing. */
  mend(): Promise<void>;
}

/** Where paths are looked up. */
export interface PathSources {
  /** All multipath devices by the SCSI ids of their units. */
  maps(): Promise<ReadonlyMap<string, MultipathMap>>;
  /** The sessions with iSCSI targets. */
  sessions(iqns: readonly string[]): Promise<readonly IscsiSession[]>;
}

/** Follows the ways to the SRs that are on storage networks. While there is no such SR, nothing is looked at. */
export class PathWatch implements StoragePaths {
  readonly #sources: PathSources;
  readonly #warn: Warn;
  readonly #interval: number;
  readonly #mending: number;
  readonly #used = new Map<string, UsedUnits>();
  readonly #known = new Map<string, SrPaths>();
  readonly #listeners = new Set<(sr: string) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isSilent = false;
  #mended = Date.now();

  constructor(sources: PathSources, warn: Warn, interval = INTERVAL, mending = MENDING) {
    this.#sources = sources;
    this.#warn = warn;
    this.#interval = interval;
    this.#mending = mending;
  }

  of(sr: string): SrPaths | undefined {
    return this.#known.get(sr);
  }

  onChange(listener: (sr: string) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the ways to what an SR uses from now on. Resolves when they are known. */
  async follow(sr: string, used: UsedUnits): Promise<void> {
    this.#used.set(sr, used);
    await this.#look();
    this.#lookLater();
  }

  /** An SR does not use anything any more. */
  forget(sr: string): void {
    this.#used.delete(sr);
    if (this.#used.size === 0) clearTimeout(this.#timer);
    if (this.#known.delete(sr)) this.#tell(sr);
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.#used.size === 0) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#lookLater()), this.#interval).unref();
  }

  async #look(): Promise<void> {
    const isMultipath = [...this.#used.values()].some(({ scsiIds }) => scsiIds.length > 0);
    const maps = isMultipath ? await this.#maps() : new Map<string, MultipathMap>();
    const sessions = await this.#sources.sessions([...this.#used.values()].flatMap(({ iqns }) => iqns));
    for (const [sr, used] of this.#used) {
      const { iqns, scsiIds, addresses } = used;
      // A map that is gone has no path any more.
      const units = scsiIds.map((scsiId) => ({ active: 0, total: 0, ...countsOf(maps?.get(scsiId)), scsiId }));
      const before = this.#known.get(sr);
      const now = {
        // While multipathd is away, nothing new is known.
        units: maps ? units : (before?.units ?? []),
        iscsiSessions: iqns.length > 0 ? sessions.filter(({ iqn }) => iqns.includes(iqn)).length : undefined,
        addresses,
      };
      if ((now.iscsiSessions ?? 0) < addresses.length) this.#mend(used);
      this.#known.set(sr, now);
      if (JSON.stringify(before) !== JSON.stringify(now)) this.#tell(sr);
    }
  }

  /** Undefined while multipathd does not answer. */
  async #maps(): Promise<ReadonlyMap<string, MultipathMap> | undefined> {
    try {
      const maps = await this.#sources.maps();
      this.#isSilent = false;
      return maps;
    } catch (thrown) {
      if (!this.#isSilent) this.#warn(thrown, 'the paths to storage are not known');
      this.#isSilent = true;
      return undefined;
    }
  }

  /** A session that is lost comes back by itself; one that never was has to be asked for. */
  #mend({ mend }: UsedUnits): void {
    if (Date.now() - this.#mended < this.#mending) return;
    this.#mended = Date.now();
    mend().catch((thrown: unknown) => this.#warn(thrown, 'a way to storage could not be taken'));
  }

  #tell(sr: string): void {
    for (const listener of this.#listeners) listener(sr);
  }
}

function countsOf(map: MultipathMap | undefined): { readonly active: number; readonly total: number } | undefined {
  return map && { active: map.active, total: map.total };
}
