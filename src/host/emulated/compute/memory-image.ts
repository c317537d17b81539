import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import type { VolumeAddress } from '../../storage.js';
import type { SrStore } from '../storage/sr-store.js';
import type { EmulatedStorage } from '../storage/storage.js';
import { memoryOverhead } from './memory-overhead.js';

const MIB = 2 ** 20;
const MAGIC = 'EMULATED MEMORY\n';
const HEADER = 4096;
/** Bytes of guest memory for which one page is written: an image with content, at little cost. */
const SAMPLE_EVERY = 64 * MIB;
const PAGE = 4096;

const header = z.object({ domain: z.guid(), volume: z.guid(), memory: z.int().nonnegative(), digest: z.string() });

/** Bytes of memory that fit into an image of a size. */
export function memoryIn(size: number): number {
  return Math.max(0, size - HEADER);
}

/** Bytes that an image of a domain takes at most. */
export function imageSize(spec: DomainSpec): number {
  return HEADER + spec.memory.staticMax + memoryOverhead(spec);
}

/** Writes the memory of a domain to a volume: a header that says whose it is, and some pages. Memory in bytes. */
export function writeImage(storage: EmulatedStorage, image: VolumeAddress, domain: string, memory: number): Promise<void> {
  return writeImageTo(storage.store(image.sr), image.location, domain, memory);
}

/** The same in an SR that need not be attached. */
export async function writeImageTo(store: SrStore, location: string, domain: string, memory: number): Promise<void> {
  const volume = store.writable(location);
  if (volume.size < HEADER + memory) throw new ApiError('VDI_TOO_SMALL', volume.uuid, String(HEADER + memory));
  const digest = createHash('sha256');
  for (let at = 0; at < memory; at += SAMPLE_EVERY) {
    const page = pageOf(domain, at, Math.min(PAGE, memory - at));
    digest.update(page);
    await store.write(location, HEADER + at, page);
  }
  const text = JSON.stringify({ domain, volume: volume.uuid, memory, digest: digest.digest('hex') });
  await store.write(location, 0, Buffer.from(`${MAGIC}${text}`.padEnd(HEADER, '\n')));
}

/**
 * Reads an image for a domain. One that was copied along with its VM may start the copy; else it must be the domain's own.
 * Resolves with the bytes of memory. Throws SUSPEND_IMAGE_NOT_ACCESSIBLE when it is not whole or another's.
 */
export async function readImage(storage: EmulatedStorage, image: VolumeAddress, domain: string): Promise<number> {
  const store = storage.store(image.sr);
  const volume = store.volume(image.location);
  const refused = new ApiError('SUSPEND_IMAGE_NOT_ACCESSIBLE', volume.uuid);
  const read = (at: number, length: number): Promise<Buffer> =>
    store.withChain(image.location, (chain) => chain.read(at, length));
  if (volume.size < HEADER) throw refused;
  const found = parse((await read(0, HEADER)).toString('utf8'));
  if (found === undefined || volume.size < HEADER + found.memory) throw refused;
  if (found.domain !== domain && found.volume === volume.uuid) throw refused;
  const digest = createHash('sha256');
  for (let at = 0; at < found.memory; at += SAMPLE_EVERY)
    digest.update(await read(HEADER + at, Math.min(PAGE, found.memory - at)));
  if (digest.digest('hex') !== found.digest) throw refused;
  return found.memory;
}

function parse(text: string): z.infer<typeof header> | undefined {
  if (!text.startsWith(MAGIC)) return undefined;
  try {
    return header.parse(JSON.parse(text.slice(MAGIC.length).trimEnd()));
  } catch {
    return undefined;
  }
}

/** A page that no other domain and no other place has. */
function pageOf(domain: string, at: number, length: number): Buffer {
  const line = createHash('sha256').update(`${domain}/${at}`).digest();
  return Buffer.alloc(length, line);
}
