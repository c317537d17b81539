import type { NewVolume, SrSpec } from '../storage.js';
import { memoryIn, writeImageTo } from './compute/memory-image.js';
import type { SrRegistry } from './storage/sr-registry.js';

/** A disk of a pool elsewhere. */
export interface AdoptedVolume extends NewVolume {
  readonly location: string;
  readonly readOnly: boolean;
  /** Bytes that its data took there. */
  readonly physicalUtilisation: number;
  /** Set when it holds the memory of a suspended domain: the domain's uuid and the bytes of its memory. */
  readonly memoryOf?: { readonly domain: string; readonly memory: number };
}

/** Puts on the media of an emulated world what a pool elsewhere had, as far as its database tells: all but the data. */
export class Adoption {
  private readonly registry: SrRegistry;

  constructor(registry: SrRegistry) {
    this.registry = registry;
  }

  /** An SR of that size in bytes, whatever its type and place. `host` is the uuid of the one host that sees it. */
  async sr(spec: SrSpec, size: number, host: string | undefined): Promise<void> {
    this.registry.adopt(spec, size, host ?? null);
  }

  /** A disk in an adopted SR, under its own location. It is empty; memory is written anew, so that it can be resumed. */
  async volume(sr: string, volume: AdoptedVolume): Promise<void> {
    const { location, readOnly, physicalUtilisation, memoryOf } = volume;
    const store = this.registry.open(sr);
    await store.adopt(volume, location, physicalUtilisation);
    try {
      if (memoryOf) await writeImageTo(store, location, memoryOf.domain, Math.min(memoryOf.memory, memoryIn(volume.virtualSize)));
    } finally {
      if (readOnly) await store.seal(location);
    }
  }
}
