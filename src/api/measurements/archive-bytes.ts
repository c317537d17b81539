import { endianness } from 'node:os';
import { z } from 'zod';
import type { MetricOwner } from '../../host/metrics.js';
import { MAX_SOURCES, OwnerArchives } from './owner-archives.js';
import type { ArchivePlan } from './plan.js';

/** Longest head of a file: a source takes less than 200 characters there. */
const MAX_HEAD = MAX_SOURCES * 300;

const headSchema = z.object({
  version: z.literal(1),
  /** Numbers are written as this machine has them; another kind of machine starts anew. */
  order: z.literal(endianness()),
  updated: z.number(),
  sources: z
    .array(
      z.object({
        name: z.string(),
        // An end that there is none of is no JSON number.
        minimum: z.number().nullable(),
        maximum: z.number().nullable(),
        recorded: z.boolean(),
        seen: z.number(),
      }),
    )
    .max(MAX_SOURCES),
  archives: z.array(
    z.object({
      consolidation: z.enum(['AVERAGE', 'MIN', 'MAX']),
      steps: z.number().int().positive(),
      newest: z.number(),
      count: z.number().int().nonnegative(),
    }),
  ),
});

type Head = z.infer<typeof headSchema>;

/** The archives of an owner as bytes: a head of JSON after its length, then the numbers. */
export function encodeArchives(archives: OwnerArchives): Uint8Array {
  const head: Head = {
    version: 1,
    order: endianness(),
    updated: archives.updated,
    sources: archives.sources.map(({ name, minimum, maximum, recorded, seen }) => ({
      name,
      minimum: Number.isFinite(minimum) ? minimum : null,
      maximum: Number.isFinite(maximum) ? maximum : null,
      recorded,
      seen,
    })),
    archives: archives.archives.map(({ plan: { consolidation, steps }, rows: { newest, count } }) => ({
      consolidation,
      steps,
      newest,
      count,
    })),
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const numbers = archives.archives.flatMap(({ rows, pending }) => [
    bytesOf(rows.snapshot()),
    bytesOf(pending.values),
    bytesOf(pending.known),
  ]);
  return Buffer.concat([length, text, ...numbers]);
}

/**
 * The archives that `encodeArchives` made bytes of. An archive that the plans do not have is left out, one that the bytes do not
 * have is empty. Throws when the bytes are something else.
 */
export function decodeArchives(owner: MetricOwner, plans: readonly ArchivePlan[], bytes: Buffer): OwnerArchives {
  const length = bytes.readUInt32LE(0);
  if (length > MAX_HEAD) throw new Error('the head is too long');
  const head = headSchema.parse(JSON.parse(bytes.toString('utf8', 4, 4 + length)));
  const archives = new OwnerArchives(owner, plans);
  const columns = head.sources.length;
  archives.restore(
    head.sources.map((source) => ({
      ...source,
      minimum: source.minimum ?? Number.NEGATIVE_INFINITY,
      maximum: source.maximum ?? Number.POSITIVE_INFINITY,
      description: '',
      units: '',
    })),
    head.updated,
  );
  const numbers = new NumberReader(bytes, 4 + length);
  for (const { consolidation, steps, newest, count } of head.archives) {
    const rows = numbers.floats(count * columns);
    const pending = { values: numbers.doubles(columns), known: numbers.doubles(columns) };
    const target = archives.archives.find(({ plan }) => plan.consolidation === consolidation && plan.steps === steps);
    target?.restore(rows, newest, pending);
  }
  return archives;
}

function bytesOf(numbers: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Reads numbers one after the other; throws when there are too few. */
class NumberReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.#take(count * Float32Array.BYTES_PER_ELEMENT));
  }

  doubles(count: number): Float64Array {
    return new Float64Array(this.#take(count * Float64Array.BYTES_PER_ELEMENT));
  }

  /** A copy, because numbers must begin at a multiple of their size. */
  #take(length: number): ArrayBuffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('it is cut off');
    const copy = new ArrayBuffer(length);
    new Uint8Array(copy).set(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return copy;
  }
}
