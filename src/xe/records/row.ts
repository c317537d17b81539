import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';
import type { Soon, Target } from './record-class.js';

/** Reads what does not follow from a field of the model. */
export interface Reader<C extends ClassName = ClassName> {
  /** The value as printed. */
  show(target: Target<C>): Soon<string>;
  /** Makes the field a set to the command line. */
  members?(target: Target<C>): Soon<readonly string[]>;
  /** Makes the field a map to the command line. */
  entries?(target: Target<C>): Soon<ReadonlyMap<string, string>>;
}

/** Takes the text of `X-param-set name=value` as a value of the API. Throws CommandFailure and ApiError. */
export type ValueParser = (api: ApiClient, field: string, text: string) => unknown;

/** One field of the command line, as a line of a table: what is not said follows from the model's field and its type. */
export interface Row<C extends ClassName = ClassName> {
  readonly name: string;
  /**
   * The model's field, after any number of references to follow: `VM.name_label`. Left out where it is the name with
   * underscores.
   */
  readonly from?: string;
  /** Instead of a field of the model. */
  readonly read?: Reader<C>;
  /** A set or map that is a plain value to the command line: it has no members to filter by. */
  readonly plain?: true;
  /** Members are joined with commas instead of semicolons. */
  readonly commas?: true;
  /** Printed when a reference on the way leads nowhere; left out where it is `<not in database>`. */
  readonly missing?: string;
  /** May be set: in the way of its type, to an object or (with an empty text) to none, or as a parser of its own takes it. */
  readonly set?: true | 'optional' | ValueParser;
  /**
   * Members or keys may be added and removed: with the field's own messages, with two that are named, or by setting the
   * whole anew.
   */
  readonly add?: true | 'whole' | readonly [add: string, remove: string];
  /** The message that sets one key. */
  readonly setKey?: string;
  /** Keys are set all at once, and what is not among them goes. */
  readonly setMap?: true;
  /** Is emptied by setting it to nothing instead of member by member. */
  readonly clear?: true;
  readonly hidden?: true;
  readonly expensive?: true;
  readonly deprecated?: true;
  readonly ignoresCase?: true;
}

/** The fields of a class and what a plain list shows of them. */
export interface ClassTable<C extends ClassName = ClassName> {
  /** Word in command names. */
  readonly name: string;
  /** Class of the API. */
  readonly of: C;
  /** What a plain list shows; left out: everything. */
  readonly shown?: readonly string[];
  /** Filters that a list always applies. */
  readonly implied?: readonly (readonly [field: string, value: string])[];
  readonly rows: readonly Row<C>[];
}
