import { throwIfCancelled, type Watch } from '../../progress.js';
import { steps } from './coalescer.js';
import type { SrStore } from './sr-store.js';

/** One disk of a store. */
export interface Disk {
  readonly store: SrStore;
  readonly location: string;
}

/** Gives the start of a disk the content of another one that is not larger. Reads and writes only what is not zeros. */
export async function copyContent(from: Disk, to: Disk, watch: Watch): Promise<void> {
  // What the destination holds first: there zeros of the source have to be written too.
  await copyWhere(to, from, to, { signal: watch.signal, progress: (share) => watch.progress(share / 2) });
  await copyWhere(from, from, to, { signal: watch.signal, progress: (share) => watch.progress(0.5 + share / 2) });
}

async function copyWhere(held: Disk, from: Disk, to: Disk, watch: Watch): Promise<void> {
  const size = await from.store.withChain(from.location, async (chain) => chain.size);
  const pages = await from.store.withChain(from.location, async (chain) => chain.pageCount);
  for (let page = 0; page < pages; page++) {
    throwIfCancelled(watch.signal);
    const extents = await held.store.withChain(held.location, (chain) => chain.extents(page));
    for (const step of extents.flatMap((extent) => [...steps(extent)])) {
      throwIfCancelled(watch.signal);
      const length = Math.min(step.length, size - step.offset);
      if (length <= 0) break;
      const bytes = await from.store.withChain(from.location, (chain) => chain.read(step.offset, length));
      await to.store.write(to.location, step.offset, bytes);
      watch.progress((step.offset + length) / size);
    }
    watch.progress((page + 1) / pages);
  }
}
