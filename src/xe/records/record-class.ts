import type { RecordVersion } from '../../model/record.js';
import type { Ref } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';

/** How a field is labelled: whether it is a plain value, a set or a map, and whether it can be changed. */
export type Access = 'RO' | 'RW' | 'SRO' | 'SRW' | 'MRO' | 'MRW';

/** An object that is shown or changed, as it was when it was read. */
export interface Target<C extends ClassName = ClassName> {
  readonly api: ApiClient;
  readonly ref: Ref<C>;
  readonly record: RecordVersion<C>;
}

/** A value that is there at once, or, for expensive fields, later. */
export type Soon<T> = T | Promise<T>;

/** One field of a class as the command line shows it. */
export interface Field {
  readonly name: string;
  readonly access: Access;
  /** Shown by no list; reading and writing by name works. */
  readonly hidden?: boolean;
  /** Lists print a placeholder: the value costs a call for each object. */
  readonly expensive?: boolean;
  readonly deprecated?: boolean;
  /** Filters compare without regard to case. */
  readonly ignoresCase?: boolean;
  /** The value as printed. Never fails for something that is not there: that has a text of its own. */
  show(target: Target): Soon<string>;
  /** Members of a field that is a set to the command line. */
  members?(target: Target): Soon<readonly string[]>;
  /** Entries of a field that is a map to the command line. */
  entries?(target: Target): Soon<ReadonlyMap<string, string>>;
  /** `X-param-set name=value`. */
  set?(target: Target, value: string): Promise<void>;
  /** `X-param-set name:key=value` where that is a message of its own; otherwise a key is removed and added. */
  setKey?(target: Target, key: string, value: string): Promise<void>;
  /** `X-param-set name:key=value ...` where all keys of the line replace the map in one message. */
  setMap?(target: Target, entries: ReadonlyMap<string, string>): Promise<void>;
  /** `X-param-add param-name=name param-key=member`. */
  addMember?(target: Target, member: string): Promise<void>;
  /** `X-param-add param-name=name key=value`. */
  addKey?(target: Target, key: string, value: string): Promise<void>;
  /** `X-param-remove param-name=name param-key=key`, of a key or member that is there. */
  remove?(target: Target, key: string): Promise<void>;
  /** `X-param-clear`, where that is one message. */
  clear?(target: Target): Promise<void>;
}

/** A class as the command line knows it. */
export interface RecordClass {
  /** Word in command names: `vm`, `host-cpu`. */
  readonly name: string;
  /** Class of the API. */
  readonly of: ClassName;
  /** In the order of printing. */
  readonly fields: readonly Field[];
  /** What a plain `X-list` shows; empty: everything. */
  readonly shown: readonly string[];
  /** Filters that `X-list` always applies, `--all` apart. */
  readonly implied: readonly (readonly [field: string, value: string])[];
}
