import type { ByteSource } from './byte-source.js';
import { badFile, earlyEnd } from './file-error.js';
import { decodeTarHeader, TAR_BLOCK, type TarHeader, tarPadding } from './tar-header.js';

/** Bytes of a long name or of attributes: file systems have no longer paths. */
const LONGEST_EXTRA = 16 * 1024;

/** Headers in a row that are about the next entry: a name and attributes of two kinds. */
const MOST_EXTRAS = 8;

/** A file inside a tar file. */
export interface TarEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Reads the files of a tar stream one after the other. Only plain files with names that stay below the place where the file would be
 * unpacked are let through; directories are passed over. Throws IMPORT_ERROR for links, devices and names like `../x` or `/x`,
 * and for what is no tar file; IMPORT_ERROR_PREMATURE_EOF where the stream ends in the middle.
 */
export class TarReader {
  readonly #source: ByteSource;
  #ahead: TarEntry | undefined;
  #left = 0;
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next file, without going on to it; undefined at the end. What is left of the current one is passed over. */
  async peek(): Promise<TarEntry | undefined> {
    if (this.#ended) return undefined;
    if (!this.#ahead) {
      await this.#source.skip(this.#left);
      this.#left = 0;
      this.#ahead = await this.#findNext();
      if (!this.#ahead) this.#ended = true;
    }
    return this.#ahead;
  }

  /** Goes on to the next file; undefined at the end. */
  async next(): Promise<TarEntry | undefined> {
    const entry = await this.peek();
    if (!entry) return undefined;
    this.#ahead = undefined;
    this.#left = entry.size + tarPadding(entry.size);
    return entry;
  }

  /** The whole content of the current file, in memory that is given where it fits. Throws IMPORT_ERROR for one of more than so many bytes. */
  async content({ name, size }: TarEntry, most: number, memory?: Buffer): Promise<Buffer> {
    if (size > most) throw badFile(`${name} has ${size} bytes, which are more than ${most}`);
    const content = await this.#source.exactly(size, memory !== undefined && memory.length >= size ? memory : undefined);
    this.#left -= size;
    return content;
  }

  /** The content of the current file as it comes. Throws IMPORT_ERROR_PREMATURE_EOF. */
  async *stream({ size }: TarEntry): AsyncGenerator<Buffer, void, void> {
    for (let left = size; left > 0; ) {
      const piece = await this.#source.some(left);
      if (piece.length === 0) throw earlyEnd();
      left -= piece.length;
      this.#left -= piece.length;
      yield piece;
    }
  }

  async #findNext(): Promise<TarEntry | undefined> {
    let given: { name?: string; size?: number } = {};
    for (let extras = 0; extras < MOST_EXTRAS; ) {
      const header = decodeTarHeader(await this.#source.exactly(TAR_BLOCK));
      // Of the two blocks that end a file many writers leave out the second.
      if (!header) return undefined;
      switch (header.kind) {
        case 'long name':
          given = { ...given, name: withoutEnd(await this.#extra(header)) };
          extras++;
          break;
        case 'attributes':
          given = { ...given, ...parseAttributes(await this.#extra(header)) };
          extras++;
          break;
        case 'common attributes':
          await this.#extra(header);
          extras++;
          break;
        case 'directory':
          checkedName(given.name ?? header.name);
          await this.#source.skip(header.size + tarPadding(header.size));
          given = {};
          break;
        case 'file':
          return { name: checkedName(given.name ?? header.name), size: given.size ?? header.size };
        default:
          throw badFile('the file holds a link or a device, which have no place in one');
      }
    }
    throw badFile('too many headers in a row');
  }

  async #extra({ size }: TarHeader): Promise<string> {
    if (size > LONGEST_EXTRA) throw badFile('a name in the file is too long');
    const content = await this.#source.exactly(size);
    await this.#source.skip(tarPadding(size));
    return content.toString('utf8');
  }
}

function withoutEnd(text: string): string {
  return text.replace(/\0.*$/s, '');
}

/** Name and size out of lines `LENGTH KEY=VALUE`. */
function parseAttributes(text: string): { name?: string; size?: number } {
  const found: { name?: string; size?: number } = {};
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^\d+ ([^=]+)=(.*)$/.exec(line) ?? [];
    if (key === 'path') found.name = value;
    if (key === 'size') {
      const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
      if (!Number.isSafeInteger(size)) throw badFile('a header of the file has a number that makes no sense');
      found.size = size;
    }
  }
  return found;
}

function checkedName(name: string): string {
  const plain = name.replace(/^(?:\.\/)+/, '');
  const outside = plain.startsWith('/') || plain.includes('\\') || plain.split('/').includes('..');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (outside || /[\x00-\x1f\x7f]/.test(plain)) throw badFile('the file holds a name that leads out of it');
  return plain;
}
