/** How one of the wires spells the values of the model: all that the encoders need to know of it. */
export interface Notation {
  /** Where a record keeps its encoded form. */
  readonly form: 'xml' | 'json';
  readonly void: string;
  string(text: string): string;
  int(value: number): string;
  float(value: number): string;
  bool(value: boolean): string;
  dateTime(text: string): string;
  /** The 32-bit counters of event.from, which have a spelling of their own. */
  count(value: number): string;
  readonly setOpen: string;
  readonly setClose: string;
  readonly structOpen: string;
  readonly structClose: string;
  /** What comes before the value of a member, and what after it. */
  memberOpen(name: string): string;
  readonly memberClose: string;
  /** Between two items or members. */
  readonly separator: string;
}
