import type { Duplex } from 'node:stream';
import jpeg from 'jpeg-js';

/** Largest screen that is taken a picture of, in points: larger ones are no guest's. */
const MOST_POINTS = 8192 * 4320;

/** Milliseconds within which a screen has to be told. */
const PATIENCE = 10_000;

/** Quality of the picture: text stays readable. */
const QUALITY = 80;

/** Bytes of a point as they are asked for: red, green, blue, nothing. */
const POINT = 4;

/** Content of a screen: rows of points from the top, four bytes each: red, green, blue, opaque. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** The screen as a JPEG picture. */
export function jpegOf({ width, height, data }: Screen): Buffer {
  return Buffer.from(jpeg.encode({ width, height, data }, QUALITY).data);
}

/** Reads what a screen shows now, over the remote framebuffer protocol; ends the stream. Rejects when it does not speak that, or not in time. */
export async function readScreen(stream: Duplex): Promise<Screen> {
  const timer = setTimeout(() => stream.destroy(new Error('the screen does not answer')), PATIENCE);
  try {
    return await converse(new Bytes(stream), stream);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

async function converse(bytes: Bytes, stream: Duplex): Promise<Screen> {
  const greeting = (await bytes.take(12)).toString('latin1');
  if (!greeting.startsWith('RFB ')) throw new Error('this is no screen');
  stream.write('RFB 003.008\n');
  const [kinds = 0] = await bytes.take(1);
  if (kinds === 0 || !(await bytes.take(kinds)).includes(1)) throw new Error('the screen wants credentials');
  stream.write(Buffer.from([1]));
  if ((await bytes.take(4)).readUInt32BE() !== 0) throw new Error('the screen refuses');
  stream.write(Buffer.from([1]));
  const head = await bytes.take(24);
  const [width, height] = [head.readUInt16BE(0), head.readUInt16BE(2)];
  if (width * height === 0 || width * height > MOST_POINTS)
    throw new Error(`a screen of ${width} by ${height} points cannot be shown`);
  await bytes.skip(head.readUInt32BE(20));
  stream.write(wishes(width, height));
  const data = Buffer.alloc(width * height * POINT);
  for (let missing = width * height; missing > 0; ) missing -= await readUpdate(bytes, { width, height, data });
  for (let at = 3; at < data.length; at += POINT) data[at] = 255;
  return { width, height, data };
}

/** Points as bytes of red, green, blue; without compression; all of it now. */
function wishes(width: number, height: number): Buffer {
  const format = Buffer.from([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]);
  const encodings = Buffer.from([2, 0, 0, 1, 0, 0, 0, 0]);
  const request = Buffer.alloc(10);
  request[0] = 3;
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  return Buffer.concat([format, encodings, request]);
}

/** Reads one message of the screen; how many points it has told. */
async function readUpdate(bytes: Bytes, screen: Screen): Promise<number> {
  const [type] = await bytes.take(1);
  if (type === 2) return 0;
  if (type === 3) {
    await bytes.skip((await bytes.take(7)).readUInt32BE(3));
    return 0;
  }
  if (type === 1) {
    await bytes.skip(6 * (await bytes.take(5)).readUInt16BE(3));
    return 0;
  }
  if (type !== 0) throw new Error(`the screen sends what was not asked for: message ${type}`);
  let told = 0;
  for (let left = (await bytes.take(3)).readUInt16BE(1); left > 0; left--) told += await readRectangle(bytes, screen);
  return told;
}

async function readRectangle(bytes: Bytes, { width, height, data }: Screen): Promise<number> {
  const head = await bytes.take(12);
  const [x, y, w, h] = [head.readUInt16BE(0), head.readUInt16BE(2), head.readUInt16BE(4), head.readUInt16BE(6)];
  if (head.readInt32BE(8) !== 0 || x + w > width || y + h > height) throw new Error('the screen sends what was not asked for');
  for (let row = 0; row < h; row++) (await bytes.take(w * POINT)).copy(data, ((y + row) * width + x) * POINT);
  return w * h;
}

/** Bytes of a stream, taken in pieces of known length. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.#part(missing);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  /** Passes over bytes that nobody needs: texts of a guest's clipboard may say that they are gigabytes long. */
  async skip(length: number): Promise<void> {
    for (let missing = length; missing > 0; ) missing -= (await this.#part(missing)).length;
  }

  async #part(most: number): Promise<Buffer> {
    if (this.#pending.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) throw new Error('the screen went away');
      this.#pending = value;
    }
    const part = this.#pending.subarray(0, most);
    this.#pending = this.#pending.subarray(part.length);
    return part;
  }
}
