import { ANSWER_TAG, type ClientMessage, COMMAND_TAG, type ServerMessage, TAG } from './messages.js';
import { XeProtocolError } from './protocol-error.js';

/** Reads the parts of one payload, one after the other. */
class Payload {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(): number {
    if (this.#at + 4 > this.#bytes.length) throw new XeProtocolError('a message is shorter than what it holds');
    const value = this.#bytes.readInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): string {
    const length = this.int();
    if (length < 0 || this.#at + length > this.#bytes.length) throw new XeProtocolError(`a text of ${length} bytes is not there`);
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  strings(): string[] {
    const count = this.int();
    // Each takes the four bytes of its length at least.
    if (count < 0 || count * 4 > this.#bytes.length - this.#at)
      throw new XeProtocolError(`a list of ${count} texts is not there`);
    return Array.from({ length: count }, () => this.string());
  }
}

/** The kind that a tag stands for. */
function kindOf<K extends string>(tags: Readonly<Record<K, number>>, tag: number): K {
  for (const kind in tags) if (tags[kind] === tag) return kind;
  throw new XeProtocolError(`unknown message ${tag}`);
}

/** A message of the server, from its payload. Throws XeProtocolError. */
export function decodeServerMessage(bytes: Buffer): ServerMessage {
  const payload = new Payload(bytes);
  const tag = payload.int();
  if (tag !== TAG.command) throw new XeProtocolError(`message ${tag} where a command was due`);
  const kind = kindOf(COMMAND_TAG, payload.int());
  switch (kind) {
    case 'print':
    case 'debug':
    case 'print-error':
      return { kind, text: payload.string() };
    case 'load':
      return { kind, fileName: payload.string() };
    case 'prompt':
      return { kind };
    case 'exit':
      return { kind, code: payload.int() };
    case 'http-get':
    case 'http-put':
      return { kind, fileName: payload.string(), url: payload.string() };
    case 'http-connect':
      return { kind, url: payload.string() };
    case 'error':
      return { kind, code: payload.string(), params: payload.strings() };
  }
}

/** A message of the client, from its payload. Throws XeProtocolError. */
export function decodeClientMessage(bytes: Buffer): ClientMessage {
  const payload = new Payload(bytes);
  const tag = payload.int();
  const kind = kindOf(ANSWER_TAG, payload.int());
  const blob = kind === 'chunk' || kind === 'end';
  if (tag !== (blob ? TAG.blob : TAG.response)) throw new XeProtocolError(`message ${tag} where an answer was due`);
  if (kind !== 'chunk') return { kind };
  const size = payload.int();
  if (size < 0) throw new XeProtocolError(`a chunk of ${size} bytes`);
  return { kind, size };
}
