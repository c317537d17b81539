import type { Storage } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { pluggedHosts, storageForSr } from '../storage/placement.js';
import { recordSpace } from '../storage/space.js';

/** Milliseconds between two looks at an SR. */
const EVERY = 30_000;
/** Bytes by which a number must change to be written: each write is an event for every client. */
const CHANGE = 2 ** 24;

/** Keeps in step what SRs and their disks take: guests write, and layers that become one free space, without anybody asking for a scan. */
export class SpaceWatch {
  readonly #api: Api;
  #looked = Number.NEGATIVE_INFINITY;
  /** SRs that have not answered yet: storage that hangs holds up no other. */
  readonly #busy = new Set<string>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Looks at all SRs, unless that was done a moment ago. Never rejects. */
  async look(now: number): Promise<void> {
    if (now - this.#looked < EVERY) return;
    this.#looked = now;
    await Promise.all(Array.from(this.#api.db.all('SR'), ([sr]) => this.#lookAt(sr)));
  }

  async #lookAt(sr: Ref<'SR'>): Promise<void> {
    const { db, log } = this.#api;
    const { uuid, content_type } = db.get('SR', sr);
    if (content_type === 'iso' || this.#busy.has(sr) || pluggedHosts(db, sr).length === 0) return;
    this.#busy.add(sr);
    try {
      await this.#compare(sr, uuid, storageForSr(this.#api, sr));
    } catch (thrown) {
      log.debug({ err: thrown, sr: uuid }, 'an SR did not tell what its disks take');
    } finally {
      this.#busy.delete(sr);
    }
  }

  async #compare(sr: Ref<'SR'>, uuid: string, storage: Storage): Promise<void> {
    const { db } = this.#api;
    const space = await storage.space(uuid);
    // Disks have not changed much where their sum has not.
    if (!hasMoved(db.find('SR', sr)?.fields.physical_utilisation, space.physicalUtilisation)) return;
    const taken = await storage.utilisations(uuid);
    db.transaction(() => {
      for (const vdi of db.find('SR', sr)?.fields.VDIs ?? []) {
        const { location, type, physical_utilisation } = db.get('VDI', vdi);
        const now = taken.get(location);
        // Of a disk whose data was destroyed, storage knows nothing.
        if (now === undefined || type === 'cbt_metadata') continue;
        if (hasMoved(physical_utilisation, now)) db.set('VDI', vdi, { physical_utilisation: now });
      }
      recordSpace(db, sr, space);
    });
  }
}

function hasMoved(before: number | undefined, now: number): boolean {
  return before !== undefined && Math.abs(now - before) >= CHANGE;
}
