/** A dump that cannot be read, and the place in it. */
export class DatabaseDumpError extends Error {
  override readonly name = 'DatabaseDumpError';
  /** Line of the XML text, from 1. */
  readonly line: number;
  readonly table: string | undefined;
  /** Reference of the row. */
  readonly row: string | undefined;

  constructor(reason: string, place: { line: number; table?: string | undefined; row?: string | undefined }) {
    const table = place.table === undefined ? '' : `, table ${place.table}`;
    const row = place.row === undefined ? '' : `, row ${place.row}`;
    super(`database dump, line ${place.line}${table}${row}: ${reason}`);
    this.line = place.line;
    this.table = place.table;
    this.row = place.row;
  }
}
