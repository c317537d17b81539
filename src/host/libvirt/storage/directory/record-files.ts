import { createHash } from 'node:crypto';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../../files/atomic-write.js';
import type { Warn } from '../tree/intents.js';
import type { RecordStore, Records } from '../tree/medium.js';
import { type Intent, intentText, parseIntent, parseVolume, type VolumeRecord, volumeText } from '../tree/records.js';
import { unlessOutage } from './outage.js';

const VOLUME = '.volume';
const CLAIM = '.claim';
const INTENT = '.intent';

/** Makes what was created or removed in a directory last. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Records of an SR as small files in its directory: each is replaced as a whole. */
export class RecordFiles implements RecordStore {
  readonly #directory: string;
  readonly #warn: Warn;

  constructor(directory: string, warn: Warn) {
    this.#directory = directory;
    this.#warn = warn;
  }

  async load(): Promise<Records> {
    const volumes: VolumeRecord[] = [];
    const claims: string[] = [];
    const intents = new Map<string, Intent>();
    for (const name of await readdir(this.#directory)) {
      // What a writer that was killed left behind.
      if (name.endsWith('.new')) await rm(join(this.#directory, name), { force: true });
      else if (name.endsWith(VOLUME)) volumes.push(...(await this.#read(name, parseVolume)));
      else if (name.endsWith(CLAIM)) claims.push(...(await this.#read(name, String)));
      else if (name.endsWith(INTENT))
        for (const intent of await this.#read(name, parseIntent)) intents.set(name.slice(0, -INTENT.length), intent);
    }
    return { volumes, claims, intents };
  }

  putVolume(record: VolumeRecord): Promise<void> {
    return writeFileAtomically(this.#path(record.uuid, VOLUME), volumeText(record));
  }

  removeVolume(uuid: string): Promise<void> {
    return this.#remove(uuid, VOLUME);
  }

  putClaim(node: string): Promise<void> {
    return writeFileAtomically(this.#path(digest(node), CLAIM), node);
  }

  removeClaim(node: string): Promise<void> {
    return this.#remove(digest(node), CLAIM);
  }

  putIntent(id: string, intent: Intent): Promise<void> {
    return writeFileAtomically(this.#path(id, INTENT), intentText(intent));
  }

  removeIntent(id: string): Promise<void> {
    return this.#remove(id, INTENT);
  }

  /** A record that cannot be read is left out and left alone: its image is still there. Rejects when the storage does not answer. */
  async #read<T>(name: string, parse: (text: string) => T): Promise<readonly T[]> {
    try {
      return [parse(await readFile(join(this.#directory, name), 'utf8'))];
    } catch (thrown) {
      unlessOutage(thrown);
      this.#warn(thrown, `${join(this.#directory, name)} cannot be read`);
      return [];
    }
  }

  #path(name: string, ending: string): string {
    return join(this.#directory, name + ending);
  }

  async #remove(name: string, ending: string): Promise<void> {
    await rm(this.#path(name, ending), { force: true });
    await syncDirectory(this.#directory);
  }
}

/** A name for the record of something whose own name may be too long for that. */
function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
