import { ApiError } from '../../../../model/error.js';
import type { Volume } from '../../../storage.js';
import { asVolumeError } from '../image/image-error.js';
import type { Coalescer } from './coalescer.js';
import { type FoundVolume, inStep } from './in-step.js';
import type { VolumeRecord } from './records.js';
import type { TreeParts } from './tree-parts.js';

/** Finds the volumes of an SR, and does work on them one after the other. */
export class VolumeWork {
  readonly coalescer: Coalescer;
  readonly #parts: TreeParts;
  /** Work that is under way on volumes, by location. */
  readonly #changing = new Map<string, Promise<unknown>>();

  constructor(parts: TreeParts, coalescer: Coalescer) {
    this.#parts = parts;
    this.coalescer = coalescer;
  }

  /**
   * Does work on a volume while nothing else happens in the SR; nothing goes on in the layers of that volume and others that are named.
   * Rejects with VDI_MISSING.
   */
  async change<T>(
    location: string,
    operation: string,
    work: (found: FoundVolume) => Promise<T>,
    ...others: readonly string[]
  ): Promise<T> {
    const done = await Promise.all([location, ...others].map((one) => this.coalescer.giveWay(one)));
    try {
      return await this.#parts.mutex.run(async () => {
        await this.coalescer.pending.settleAll(false);
        const found = await this.get(location);
        const result = asVolume(found.record, operation, () => work(found));
        const settled = result.catch(() => undefined);
        this.#changing.set(location, settled);
        try {
          return await result;
        } finally {
          this.#changing.delete(location);
        }
      });
    } finally {
      for (const over of done) over();
    }
  }

  /** Resolves when the work on a volume that is under way has ended, however. */
  async changed(location: string): Promise<void> {
    await this.#changing.get(location);
  }

  /** A volume as it is noted. Rejects with VDI_MISSING. */
  async find(location: string): Promise<FoundVolume> {
    const { state, uuid } = this.#parts;
    const found = await state.find(location);
    if (found === undefined) throw new ApiError('VDI_MISSING', uuid, location);
    return found;
  }

  /** A volume as it is: where others have moved it on, that is noted. To be called while nothing else happens in the SR. */
  async get(location: string): Promise<FoundVolume> {
    return inStep(this.#parts.state, this.#parts.userOf, await this.find(location));
  }

  /** The same for all volumes. */
  async bringInStep(): Promise<void> {
    const { state, userOf } = this.#parts;
    await this.coalescer.pending.settleAll(false);
    for (const found of [...state.volumes()]) await inStep(state, userOf, found);
  }

  /** Bytes that a volume takes by itself. */
  async utilisation({ record, node }: FoundVolume): Promise<number> {
    const memory = await this.#parts.medium.memorySize(record.uuid);
    return node.allocated + (memory?.allocated ?? 0);
  }

  /** What others are told of a volume. */
  async describe({ record, node }: FoundVolume): Promise<Volume> {
    const { node: _name, properties, ...rest } = record;
    const physicalUtilisation = await this.utilisation({ record, node });
    // Of what is just found nothing is written down.
    const kept = this.#parts.state.isOurs(node.name) ? { properties } : {};
    return { ...rest, ...kept, virtualSize: node.virtualSize, physicalUtilisation };
  }
}

/** Does work on a volume; what goes wrong with its image becomes an error of the model. */
export async function asVolume<T>({ uuid }: VolumeRecord, operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asVolumeError(thrown, uuid, operation);
  }
}
