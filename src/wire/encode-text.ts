import { findClassModel } from '../model/class-model.js';
import { RecordVersion } from '../model/record.js';
import type { TypeNode } from '../model/type-syntax.js';
import type { EventBatch } from '../model/types.js';
import { eventFields } from './event-fields.js';
import type { Notation } from './notation.js';

type ToText = (value: unknown) => string;

/** A handler answered with something that is not of its message's type: a fault of ours, never of the client. */
export function mismatch(expected: string, value: unknown): never {
  throw new TypeError(`cannot encode ${value === null ? 'null' : typeof value} as ${expected}`);
}

/** Text of a map key, which is the name of a member. */
export function keyText(key: unknown): string {
  return typeof key === 'string' ? key : String(key);
}

/** What precedes the snapshot of an event, its struct still open. Id and time go out as text on every wire. */
export function eventHead(notation: Notation, event: RecordVersion<'event'>): string {
  const { id, timestamp, class: className, operation, ref } = eventFields(event);
  const member = (name: string, text: string) => `${notation.memberOpen(name)}${notation.string(text)}${notation.memberClose}`;
  return (
    notation.structOpen +
    [
      member('id', String(id)),
      member('timestamp', timestamp),
      member('class', className),
      member('operation', operation),
      member('ref', ref),
    ].join(notation.separator)
  );
}

/** Encoders of one notation that make one piece of text of a value, records included. Each type is compiled once. */
export class TextEncoders {
  readonly #notation: Notation;
  readonly #types = new WeakMap<TypeNode, ToText>();
  readonly #records = new Map<string, (record: RecordVersion) => string>();

  constructor(notation: Notation) {
    this.#notation = notation;
  }

  /** The encoder of a type. It throws TypeError when a value is not of the type. */
  of(type: TypeNode): ToText {
    let encoder = this.#types.get(type);
    if (!encoder) {
      encoder = this.#compile(type);
      this.#types.set(type, encoder);
    }
    return encoder;
  }

  /** A record in full, nothing taken from its cache. */
  record(record: RecordVersion): string {
    let encoder = this.#records.get(record.className);
    if (!encoder) {
      encoder = record.className === 'event' ? (event) => this.#event(event) : this.#compileRecord(record.className);
      this.#records.set(record.className, encoder);
    }
    return encoder(record);
  }

  #compile(type: TypeNode): ToText {
    const notation = this.#notation;
    switch (type.kind) {
      case 'string':
      case 'ref':
      case 'enum':
        return (value) => (typeof value === 'string' ? notation.string(value) : mismatch(type.kind, value));
      case 'datetime':
        return (value) => (typeof value === 'string' ? notation.dateTime(value) : mismatch('datetime', value));
      case 'int':
        return (value) => (Number.isSafeInteger(value) ? notation.int(value as number) : mismatch('int', value));
      case 'float':
        return (value) => (typeof value === 'number' ? notation.float(value) : mismatch('float', value));
      case 'bool':
        return (value) => (typeof value === 'boolean' ? notation.bool(value) : mismatch('bool', value));
      case 'void':
        return () => notation.void;
      case 'set':
        return this.#set(this.of(type.of));
      case 'map':
        return this.#map(this.of(type.value));
      case 'option': {
        const present = this.of(type.of);
        return (value) => (value === undefined ? notation.void : present(value));
      }
      case 'record':
        return (value) => (value instanceof RecordVersion ? this.record(value) : mismatch(`record ${type.name}`, value));
      case 'batch':
        return (value) => this.#batch(value as EventBatch);
    }
  }

  #set(item: ToText): ToText {
    const { setOpen, setClose, separator } = this.#notation;
    return (value) => {
      if (!Array.isArray(value)) return mismatch('set', value);
      let text = setOpen;
      for (let i = 0; i < value.length; i++) text += i === 0 ? item(value[i]) : separator + item(value[i]);
      return text + setClose;
    };
  }

  #map(member: ToText): ToText {
    const notation = this.#notation;
    return (value) => {
      if (!(value instanceof Map)) return mismatch('map', value);
      let text = notation.structOpen;
      let before = '';
      for (const [key, item] of value) {
        text += before + notation.memberOpen(keyText(key)) + member(item) + notation.memberClose;
        before = notation.separator;
      }
      return text + notation.structClose;
    };
  }

  #compileRecord(className: string): (record: RecordVersion) => string {
    const { structOpen, structClose, separator, memberOpen, memberClose } = this.#notation;
    const model = findClassModel(className);
    if (!model) throw new Error(`no class ${className}`);
    const members = model.wireFields.map((field) => ({
      name: field.name,
      optional: field.type.kind === 'option',
      open: memberOpen(field.name),
      encode: this.of(field.type),
    }));
    return (record) => {
      const fields: Readonly<Record<string, unknown>> = record.fields;
      let text = structOpen;
      let before = '';
      for (const { name, optional, open, encode } of members) {
        const value = fields[name];
        if (optional && value === undefined) continue;
        text += before + open + encode(value) + memberClose;
        before = separator;
      }
      return text + structClose;
    };
  }

  #event(record: RecordVersion): string {
    const { memberOpen, memberClose, separator, structClose } = this.#notation;
    const event = record as RecordVersion<'event'>;
    const { snapshot } = eventFields(event);
    const tail = snapshot ? `${separator}${memberOpen('snapshot')}${this.record(snapshot)}${memberClose}` : '';
    return eventHead(this.#notation, event) + tail + structClose;
  }

  #batch(batch: EventBatch): string {
    const { setOpen, setClose, separator } = this.#notation;
    const { head, tail } = batchFrame(this.#notation, batch);
    return head + setOpen + batch.events.map((event) => this.#event(event)).join(separator) + setClose + tail;
  }
}

/** The reply of event.from around its set of events. */
export function batchFrame(notation: Notation, batch: EventBatch): { head: string; tail: string } {
  const { structOpen, structClose, separator, memberOpen, memberClose } = notation;
  const counts = [...batch.valid_ref_counts].map(([name, count]) => memberOpen(name) + notation.count(count) + memberClose);
  return {
    head: structOpen + memberOpen('events'),
    tail: [
      memberClose,
      `${memberOpen('valid_ref_counts')}${structOpen}${counts.join(separator)}${structClose}${memberClose}`,
      `${memberOpen('token')}${notation.string(batch.token)}${memberClose}${structClose}`,
    ].join(separator),
  };
}
