import { ApiError } from '../../../../model/error.js';
import type { Warn } from '../tree/intents.js';
import type { RecordStore, Records } from '../tree/medium.js';
import { type Intent, intentText, parseIntent, parseVolume, type VolumeRecord, volumeText } from '../tree/records.js';
import { asImageWork } from './lvm-error.js';
import { textsOf, textTags } from './tag-text.js';
import type { VolumeGroup } from './volume-group.js';

const VOLUME = 'xenapi.volume';
const INTENT = 'xenapi.intent';
const KINDS = new Set([VOLUME, INTENT]);

/** Letters of a description that are kept in the group at most: what does not fit does not keep a disk from being. */
const LONGEST_DESCRIPTION = 4096;

/**
 * Records of an SR as tags of its volume group: LVM writes them with its own metadata, to every device of the group, and a change of
 * them is there as a whole or not at all. Whoever sees the group sees the SR.
 *
 * Each change costs LVM as much as making a volume does. So what an operation changes of the records that its intent names waits
 * until the intent is crossed out, and is written with that: after a crash the intent undoes it in any case. Only before data is
 * removed, which a record that is on the medium may still name, nothing may wait.
 */
export class RecordTags implements RecordStore {
  readonly #group: VolumeGroup;
  readonly #warn: Warn;
  readonly #isReadOnly: boolean;
  /** The tags that each record is to have, by kind and id. */
  readonly #tags = new Map<string, readonly string[]>();
  /** Operations that are under way. */
  readonly #intents = new Map<string, Intent>();
  readonly #add = new Set<string>();
  readonly #remove = new Set<string>();
  /** Whether a record that waits is to name other data than it does on the medium. */
  #isMoving = false;

  constructor(group: VolumeGroup, warn: Warn, isReadOnly: boolean) {
    this.#group = group;
    this.#warn = warn;
    this.#isReadOnly = isReadOnly;
  }

  async load(): Promise<Records> {
    const volumes: VolumeRecord[] = [];
    this.#tags.clear();
    this.#intents.clear();
    for (const { kind, id, tags, text } of textsOf(this.#group.facts.tags, KINDS)) {
      this.#tags.set(`${kind}.${id}`, tags);
      try {
        if (text === undefined) throw new Error('parts of it are missing');
        if (kind === VOLUME) volumes.push(parseVolume(text));
        else this.#intents.set(id, parseIntent(text));
      } catch (thrown) {
        // Left out and left alone: its volume is still there.
        this.#warn(thrown, `the record ${kind}.${id} of ${this.#group.name} cannot be read`);
      }
    }
    return { volumes, claims: [], intents: new Map(this.#intents) };
  }

  async putVolume(record: VolumeRecord): Promise<void> {
    const { uuid, node } = record;
    const description = record.description.slice(0, LONGEST_DESCRIPTION);
    this.#set(VOLUME, uuid, volumeText({ ...record, description }));
    this.#isMoving = true;
    for (const { volumes, nodes } of this.#intents.values()) if (volumes.includes(uuid) || nodes.includes(node)) return;
    await this.flush();
  }

  async removeVolume(uuid: string): Promise<void> {
    this.#set(VOLUME, uuid);
    for (const { volumes } of this.#intents.values()) if (volumes.includes(uuid)) return;
    await this.flush();
  }

  /** What was found in a group belongs to somebody else for good. */
  putClaim(_node: string): Promise<void> {
    return this.#refuse();
  }

  async removeClaim(_node: string): Promise<void> {
    // There is none.
  }

  async putIntent(id: string, intent: Intent): Promise<void> {
    if (this.#isReadOnly) await this.#refuse();
    this.#set(INTENT, id, intentText(intent));
    await this.flush();
    this.#intents.set(id, intent);
  }

  async removeIntent(id: string): Promise<void> {
    this.#set(INTENT, id);
    await this.flush();
    this.#intents.delete(id);
  }

  /** Data is about to be removed. Resolves when no record on the medium names it that is to name something else. */
  async beforeRemoval(): Promise<void> {
    if (this.#isMoving) await this.flush();
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#add.size + this.#remove.size === 0) return;
    const [add, remove] = [[...this.#add], [...this.#remove]];
    await asImageWork(() => this.#group.tag({ add, remove }));
    // What was wanted meanwhile waits on.
    for (const tag of add) this.#add.delete(tag);
    for (const tag of remove) this.#remove.delete(tag);
    if (this.#add.size === 0) this.#isMoving = false;
  }

  /** Says what a record is to be; without a text it is to go. */
  #set(kind: string, id: string, text?: string): void {
    const tags = text === undefined ? [] : tagsFor(kind, id, text);
    for (const tag of this.#tags.get(`${kind}.${id}`) ?? []) {
      this.#add.delete(tag);
      this.#remove.add(tag);
    }
    for (const tag of tags) {
      this.#remove.delete(tag);
      this.#add.add(tag);
    }
    if (tags.length > 0) this.#tags.set(`${kind}.${id}`, tags);
    else this.#tags.delete(`${kind}.${id}`);
  }

  async #refuse(): Promise<never> {
    throw new ApiError('SR_OPERATION_NOT_SUPPORTED', this.#group.name);
  }
}

function tagsFor(kind: string, id: string, text: string): readonly string[] {
  try {
    return textTags(kind, id, text);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new ApiError('INVALID_VALUE', 'sm_config', thrown.message);
  }
}
