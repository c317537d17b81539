import type { ClassName, Fields } from './types.js';

/** Encoded forms of a record, one per protocol, made on first use. The wire owns and fills them. */
export interface EncodedForms {
  xml?: Buffer;
  json?: Buffer;
}

/**
 * One state of one object. Never changed: a write makes the next version, so whoever holds a version holds a
 * consistent picture, and what was encoded of it stays right for ever.
 */
export class RecordVersion<C extends ClassName = ClassName> {
  readonly className: C;
  readonly fields: Fields<C>;
  readonly encoded: EncodedForms = {};

  constructor(className: C, fields: Fields<C>) {
    this.className = className;
    this.fields = fields;
  }
}
