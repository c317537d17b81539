import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Bytes of text in one tag. LVM takes 1024 letters of few kinds in a tag and any number of tags; names of what it is stand in
 * front.
 */
const PART = 900;
/** Parts of one text at most: what is written down about a disk is a few hundred letters. */
export const MOST_PARTS = 64;
/** Longest text that is read back, so that tags of somebody else cannot fill the memory. */
const LONGEST_TEXT = 2 ** 20;

const TAG = /^([a-z.]+)\.([0-9a-f-]{36})\.(\d{1,2})\.(\d{1,2})\.([A-Za-z0-9_-]*)$/;

/** A text as tags: what it is, whose, which part of how many, and the part. Throws RangeError for one that is too long. */
export function textTags(kind: string, id: string, text: string): readonly string[] {
  const packed = deflateRawSync(text).toString('base64url');
  const count = Math.max(1, Math.ceil(packed.length / PART));
  if (count > MOST_PARTS) throw new RangeError(`${kind} ${id} is too long to be written down`);
  return Array.from(
    { length: count },
    (_, part) => `${kind}.${id}.${part}.${count}.${packed.slice(part * PART, (part + 1) * PART)}`,
  );
}

/** What is written down under one id. */
export interface TaggedText {
  readonly kind: string;
  readonly id: string;
  readonly tags: readonly string[];
  /** Undefined where parts are missing or damaged. */
  readonly text: string | undefined;
}

interface Gathered {
  readonly kind: string;
  readonly id: string;
  readonly tags: string[];
  readonly parts: Map<number, string>;
  readonly counts: Set<number>;
}

/** Puts texts together again. Tags of other kinds are left out. */
export function* textsOf(tags: Iterable<string>, kinds: ReadonlySet<string>): Generator<TaggedText> {
  const found = new Map<string, Gathered>();
  for (const tag of tags) {
    const [, kind = '', id = '', part = '', count = '', text = ''] = TAG.exec(tag) ?? [];
    if (!kinds.has(kind)) continue;
    const key = `${kind}.${id}`;
    const one: Gathered = found.get(key) ?? { kind, id, tags: [], parts: new Map(), counts: new Set() };
    found.set(key, one);
    one.tags.push(tag);
    one.parts.set(Number(part), text);
    one.counts.add(Number(count));
  }
  for (const { kind, id, tags: own, parts, counts } of found.values()) {
    const [count = 0, ...others] = counts;
    const isWhole =
      others.length === 0 && own.length === count && Array.from({ length: count }).every((_, part) => parts.has(part));
    const packed = Array.from({ length: count }, (_, part) => parts.get(part) ?? '').join('');
    yield { kind, id, tags: own, text: isWhole ? unpack(packed) : undefined };
  }
}

function unpack(packed: string): string | undefined {
  try {
    return inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: LONGEST_TEXT }).toString();
  } catch {
    return undefined;
  }
}
