import { Transform, type TransformCallback } from 'node:stream';

/** Bytes of a client's first message: the version that it speaks. */
const VERSION_LENGTH = 12;

/** Lengths of messages of a fixed length, by their number: pixel format, request for an update, key, pointer, scan code. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6, 254: 8 };

/** Number of the message with a scan code that viewers of XCP send, and that of QEMU's own with the same meaning. */
const SCAN_CODE = 254;
const QEMU = 255;
const QEMU_KEY_LENGTH = 12;

/** Longest message that is waited for as a whole; a longer one (text of a clipboard) is passed on as it comes. */
const LONGEST = 256 * 1024;

/**
 * What a viewer sends, with its keys by scan code in the form that QEMU understands: viewers that were written for XCP send
 * Ctrl-Alt-Del by messages on which QEMU would close the connection. Everything else passes as it is; after a message that is not
 * known here, all that follows does.
 */
export class ScanCodeTranslator extends Transform {
  #stage: 'version' | 'security' | 'init' | 'messages' | 'unknown' = 'version';
  #pending: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let length = this.#next(); length > 0 && this.#pending.length >= length; length = this.#next()) {
      const message = this.#pending.subarray(0, length);
      this.#pending = this.#pending.subarray(length);
      this.push(this.#passed(message));
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#pending.length > 0) this.push(this.#pending);
    done();
  }

  /** Bytes that are to be passed on together; 0 while that cannot be told. */
  #next(): number {
    const { length } = this.#pending;
    if (length === 0) return 0;
    if (this.#stage === 'version') return VERSION_LENGTH;
    if (this.#stage === 'security' || this.#stage === 'init') return 1;
    const wanted = this.#stage === 'messages' ? lengthOf(this.#pending) : undefined;
    if (wanted !== undefined && wanted <= LONGEST) return wanted;
    this.#stage = 'unknown';
    return length;
  }

  #passed(message: Buffer): Buffer {
    if (this.#stage === 'version') {
      // Version 3.3 has the server choose the kind of security.
      this.#stage = Number(message.toString('latin1').slice(8, 11)) >= 7 ? 'security' : 'init';
    } else if (this.#stage === 'security') {
      // Anything but "none" is a conversation that is not followed here.
      this.#stage = message[0] === 1 ? 'init' : 'unknown';
    } else if (this.#stage === 'init') this.#stage = 'messages';
    else if (this.#stage === 'messages' && message[0] === SCAN_CODE) return qemuKey(message);
    return message;
  }
}

/** Length of a message by its first bytes: 0 while it cannot be told, undefined for one that is not known. */
function lengthOf(bytes: Buffer): number | undefined {
  const type = bytes[0] ?? 0;
  if (type === 2) return bytes.length < 4 ? 0 : 4 + 4 * bytes.readUInt16BE(2);
  if (type === 6) return bytes.length < 8 ? 0 : 8 + bytes.readUInt32BE(4);
  if (type === QEMU) return bytes.length < 2 ? 0 : bytes[1] === 0 ? QEMU_KEY_LENGTH : undefined;
  return LENGTHS[type];
}

/** QEMU's message for a key: down or up, no symbol, scan code. */
function qemuKey(message: Buffer): Buffer {
  const key = Buffer.alloc(QEMU_KEY_LENGTH);
  key[0] = QEMU;
  key.writeUInt16BE(message[1] === 0 ? 0 : 1, 2);
  key.writeUInt32BE(message[7] ?? 0, 8);
  return key;
}
