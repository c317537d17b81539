import type { Unsubscribe } from '../../progress.js';
import type { GrowingDisks, GrowingSources } from '../volume-source.js';
import type { AttachedSr } from './attached-sr.js';
import { asVolumeError } from './image/image-error.js';

/** The volumes of attached SRs that are made larger while domains write to them. */
export class GrowingVolumes implements GrowingSources {
  readonly #attached: ReadonlyMap<string, AttachedSr>;
  readonly #listeners = new Set<() => void>();

  constructor(attached: ReadonlyMap<string, AttachedSr>) {
    this.#attached = attached;
  }

  threshold(path: string): number | undefined {
    return this.#of(path)?.threshold(path);
  }

  async extend(path: string, written: number): Promise<void> {
    try {
      await this.#of(path)?.extend(path, written);
    } catch (thrown) {
      throw asVolumeError(thrown, path, 'write', written);
    }
  }

  onMore(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An SR was attached. */
  tell({ growing }: AttachedSr): void {
    if (growing) for (const listener of this.#listeners) listener();
  }

  #of(path: string): GrowingDisks | undefined {
    for (const { growing } of this.#attached.values()) if (growing?.threshold(path) !== undefined) return growing;
    return undefined;
  }
}
