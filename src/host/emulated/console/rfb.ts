import { Duplex } from 'node:stream';
import { hash32 } from '../random.js';

/** Size of the emulated screen in points: the text mode that every guest starts in. */
const WIDTH = 720;
const HEIGHT = 400;
const BAR = 40;
const VERSION = 'RFB 003.008\n';
/** Lengths of the messages of a client whose length is fixed, by their number; the last two are scan codes of keys. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6, 254: 8, 255: 12 };
/** Longest message: a client that announces more is cut off. */
const LONGEST_MESSAGE = 2 ** 20;
/** How a client may want to have a point: bytes, and the place and range of each colour. */
interface PixelFormat {
  readonly bytes: number;
  readonly bigEndian: boolean;
  readonly maxima: readonly number[];
  readonly shifts: readonly number[];
}

const TRUE_COLOUR = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);

/** The screen of an emulated guest over the remote framebuffer protocol, without encryption: a picture of coloured bars. */
export function screenConsole(name: string, seed: string): Duplex {
  const session = new Session(name, hash32(seed));
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      try {
        for (const answer of session.take(chunk)) stream.push(answer);
        done();
      } catch (thrown) {
        done(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    },
    final(done) {
      stream.push(null);
      done();
    },
  });
  stream.push(VERSION);
  return stream;
}

/** The server's side of one connection. */
class Session {
  private readonly name: string;
  private readonly seed: number;
  private stage: 'version' | 'security' | 'init' | 'running' = 'version';
  private minorVersion = 8;
  private pending: Buffer = Buffer.alloc(0);
  private format = parseFormat(TRUE_COLOUR);
  private drawn = false;

  constructor(name: string, seed: number) {
    this.name = name;
    this.seed = seed;
  }

  /** Answers to bytes of the client. */
  *take(chunk: Buffer): Generator<Buffer> {
    this.pending = Buffer.concat([this.pending, chunk]);
    for (;;) {
      const length = this.needed();
      if (length > LONGEST_MESSAGE) throw new RangeError('the message is too long');
      if (length === 0 || this.pending.length < length) return;
      const message = this.pending.subarray(0, length);
      this.pending = this.pending.subarray(length);
      const answer = this.answer(message);
      if (answer.length > 0) yield answer;
    }
  }

  /** Bytes of the next message; 0 while that cannot be told. */
  private needed(): number {
    if (this.stage === 'version') return VERSION.length;
    if (this.stage !== 'running') return 1;
    const [type] = this.pending;
    if (type === undefined) return 0;
    if (type === 2) return this.pending.length < 4 ? 0 : 4 + 4 * this.pending.readUInt16BE(2);
    if (type === 6) return this.pending.length < 8 ? 0 : 8 + this.pending.readUInt32BE(4);
    const length = LENGTHS[type];
    if (length === undefined) throw new RangeError(`no message has the number ${type}`);
    return length;
  }

  private answer(message: Buffer): Buffer {
    switch (this.stage) {
      case 'version':
        return this.answerVersion(message);
      case 'security':
        this.stage = 'init';
        if (message[0] !== 1) throw new RangeError('the client chose a way of security that was not offered');
        // Version 3.7 goes on without a word.
        return Buffer.alloc(this.minorVersion >= 8 ? 4 : 0);
      case 'init':
        this.stage = 'running';
        return this.screenFacts();
      default:
        return this.answerRunning(message);
    }
  }

  /** Offers no security: the connection was let in before. Version 3.3 has the server choose. */
  private answerVersion(message: Buffer): Buffer {
    this.minorVersion = Number(message.toString('latin1').slice(8, 11));
    const choosing = this.minorVersion >= 7;
    this.stage = choosing ? 'security' : 'init';
    return choosing ? Buffer.from([1, 1]) : Buffer.from([0, 0, 0, 1]);
  }

  private screenFacts(): Buffer {
    const name = Buffer.from(this.name, 'utf8');
    const facts = Buffer.alloc(8);
    facts.writeUInt16BE(WIDTH, 0);
    facts.writeUInt16BE(HEIGHT, 2);
    facts.writeUInt32BE(name.length, 4);
    return Buffer.concat([facts.subarray(0, 4), TRUE_COLOUR, facts.subarray(4), name]);
  }

  private answerRunning(message: Buffer): Buffer {
    if (message[0] === 0) this.format = parseFormat(message.subarray(4));
    if (message[0] !== 3) return Buffer.alloc(0);
    // The picture never changes, so only the first request and those for the whole are answered.
    const incremental = message[1] === 1;
    if (incremental && this.drawn) return Buffer.alloc(0);
    this.drawn = true;
    const x = Math.min(message.readUInt16BE(2), WIDTH);
    const y = Math.min(message.readUInt16BE(4), HEIGHT);
    return this.picture(x, y, Math.min(message.readUInt16BE(6), WIDTH - x), Math.min(message.readUInt16BE(8), HEIGHT - y));
  }

  private picture(x: number, y: number, width: number, height: number): Buffer {
    const head = Buffer.alloc(16);
    head.writeUInt16BE(1, 2);
    for (const [index, value] of [x, y, width, height].entries()) head.writeUInt16BE(value, 4 + 2 * index);
    const line = Buffer.concat(Array.from({ length: width }, (_, at) => this.point(Math.floor((x + at) / BAR))));
    return Buffer.concat([head, ...Array.from({ length: height }, () => line)]);
  }

  private point(bar: number): Buffer {
    const colour = hash32(`${this.seed}/${bar}`);
    const { bytes, bigEndian, maxima, shifts } = this.format;
    let value = 0;
    for (const [index, maximum] of maxima.entries()) {
      const part = (colour >>> (8 * index)) & 0xff;
      value += Math.round((part / 255) * maximum) * 2 ** (shifts[index] ?? 0);
    }
    const point = Buffer.alloc(bytes);
    if (bigEndian) point.writeUIntBE(value, 0, bytes);
    else point.writeUIntLE(value, 0, bytes);
    return point;
  }
}

function parseFormat(bytes: Buffer): PixelFormat {
  const bits = bytes[0] ?? 0;
  const shifts = [bytes[10] ?? 0, bytes[11] ?? 0, bytes[12] ?? 0];
  const maxima = [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8)];
  const fits = maxima.every((maximum, index) => maximum * 2 ** (shifts[index] ?? 0) < 2 ** bits);
  if (![8, 16, 32].includes(bits) || bytes[3] === 0 || !fits) throw new RangeError('the screen cannot be shown in that form');
  return { bytes: bits / 8, bigEndian: bytes[2] !== 0, maxima, shifts };
}
