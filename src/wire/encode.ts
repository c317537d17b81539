import { RecordVersion } from '../model/record.js';
import type { TypeNode } from '../model/type-syntax.js';
import type { EventBatch } from '../model/types.js';
import type { ChunkWriter } from './chunks.js';
import { batchFrame, eventHead, keyText, mismatch, TextEncoders } from './encode-text.js';
import { eventFields } from './event-fields.js';
import type { Notation } from './notation.js';

type Write = (value: unknown, out: ChunkWriter) => void;
type Collect = (value: unknown, into: RecordVersion[]) => void;

const collectNothing: Collect = () => undefined;

/** Whether values of the type have records in them, which are encoded once and kept. */
export function holdsRecords(type: TypeNode): boolean {
  switch (type.kind) {
    case 'record':
    case 'batch':
      return true;
    case 'set':
    case 'option':
      return holdsRecords(type.of);
    case 'map':
      return holdsRecords(type.value);
    default:
      return false;
  }
}

/** The encoders of one notation. Each type is compiled once; a record is encoded once and its bytes kept with it. */
export class Encoding {
  readonly #notation: Notation;
  readonly #texts: TextEncoders;
  readonly #writers = new WeakMap<TypeNode, Write>();
  readonly #collectors = new WeakMap<TypeNode, Collect>();

  constructor(notation: Notation) {
    this.#notation = notation;
    this.#texts = new TextEncoders(notation);
  }

  /** Adds a value to a reply. Records go in as the bytes that they keep. Throws TypeError for a value of another type. */
  write(type: TypeNode, value: unknown, out: ChunkWriter): void {
    this.#writer(type)(value, out);
  }

  /** A value as one text, records in full. */
  text(type: TypeNode, value: unknown): string {
    return this.#texts.of(type)(value);
  }

  /** The bytes of a record, encoded now unless they have been before. */
  record(record: RecordVersion): Buffer {
    const { encoded } = record;
    let bytes = encoded[this.#notation.form];
    if (!bytes) {
      bytes = Buffer.from(this.#texts.record(record));
      encoded[this.#notation.form] = bytes;
    }
    return bytes;
  }

  /** Records inside a value whose bytes are not there yet. */
  unencoded(type: TypeNode, value: unknown): RecordVersion[] {
    const missing: RecordVersion[] = [];
    this.#collector(type)(value, missing);
    return missing;
  }

  #writer(type: TypeNode): Write {
    let writer = this.#writers.get(type);
    if (!writer) {
      writer = this.#compileWriter(type);
      this.#writers.set(type, writer);
    }
    return writer;
  }

  #compileWriter(type: TypeNode): Write {
    if (!holdsRecords(type)) {
      const text = this.#texts.of(type);
      return (value, out) => out.add(text(value));
    }
    const notation = this.#notation;
    switch (type.kind) {
      case 'set': {
        const item = this.#writer(type.of);
        return (value, out) => (Array.isArray(value) ? this.#writeSet(value, item, out) : mismatch('set', value));
      }
      case 'map':
        return this.#mapWriter(this.#writer(type.value));
      case 'option': {
        const present = this.#writer(type.of);
        return (value, out) => (value === undefined ? out.add(notation.void) : present(value, out));
      }
      case 'batch':
        return (value, out) => this.#writeBatch(value as EventBatch, out);
      case 'record':
        return type.name === 'event'
          ? (value, out) => this.#writeEvent(value as RecordVersion<'event'>, out)
          : (value, out) =>
              value instanceof RecordVersion ? out.addBuffer(this.record(value)) : mismatch(`record ${type.name}`, value);
      default:
        throw new Error(`${type.kind} holds no records`);
    }
  }

  #writeSet(items: readonly unknown[], write: Write, out: ChunkWriter): void {
    const { setOpen, setClose, separator } = this.#notation;
    out.add(setOpen);
    let before = '';
    for (const item of items) {
      out.add(before);
      write(item, out);
      before = separator;
    }
    out.add(setClose);
  }

  #mapWriter(write: Write): Write {
    const { structOpen, structClose, memberOpen, memberClose, separator } = this.#notation;
    return (value, out) => {
      if (!(value instanceof Map)) return mismatch('map', value);
      out.add(structOpen);
      let before = '';
      for (const [key, item] of value) {
        out.add(before + memberOpen(keyText(key)));
        write(item, out);
        out.add(memberClose);
        before = separator;
      }
      out.add(structClose);
    };
  }

  /** The event itself is small and goes to few clients, its snapshot is the record that everyone shares. */
  #writeEvent(event: RecordVersion<'event'>, out: ChunkWriter): void {
    const { memberOpen, memberClose, separator, structClose } = this.#notation;
    out.add(eventHead(this.#notation, event));
    const { snapshot } = eventFields(event);
    if (snapshot) {
      out.add(separator + memberOpen('snapshot'));
      out.addBuffer(this.record(snapshot));
      out.add(memberClose);
    }
    out.add(structClose);
  }

  #writeBatch(batch: EventBatch, out: ChunkWriter): void {
    const { head, tail } = batchFrame(this.#notation, batch);
    out.add(head);
    this.#writeSet(batch.events, (event, to) => this.#writeEvent(event as RecordVersion<'event'>, to), out);
    out.add(tail);
  }

  #collector(type: TypeNode): Collect {
    let collector = this.#collectors.get(type);
    if (!collector) {
      collector = holdsRecords(type) ? this.#compileCollector(type) : collectNothing;
      this.#collectors.set(type, collector);
    }
    return collector;
  }

  #compileCollector(type: TypeNode): Collect {
    const { form } = this.#notation;
    switch (type.kind) {
      case 'set': {
        const item = this.#collector(type.of);
        return (value, into) => {
          for (const one of value as readonly unknown[]) item(one, into);
        };
      }
      case 'map': {
        const member = this.#collector(type.value);
        return (value, into) => {
          for (const one of (value as ReadonlyMap<unknown, unknown>).values()) member(one, into);
        };
      }
      case 'option': {
        const present = this.#collector(type.of);
        return (value, into) => (value === undefined ? undefined : present(value, into));
      }
      case 'batch':
        return (value, into) => {
          for (const event of (value as EventBatch).events) collectSnapshot(form, event, into);
        };
      default:
        return (value, into) => {
          const record = value as RecordVersion;
          if (record.className === 'event') collectSnapshot(form, record as RecordVersion<'event'>, into);
          else if (!record.encoded[form]) into.push(record);
        };
    }
  }
}

function collectSnapshot(form: Notation['form'], event: RecordVersion<'event'>, into: RecordVersion[]): void {
  const { snapshot } = eventFields(event);
  if (snapshot && !snapshot.encoded[form]) into.push(snapshot);
}
