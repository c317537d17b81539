import type { Client } from './client.js';

/** A row of a table: a label and a value. */
export type TableRow = readonly [label: string, value: string];

/** Blanks that every label but the longest is set in by, besides those that bring it to one width. */
const INDENT = 4;

/** What a command prints. How that looks depends on whether it was asked to be minimal. */
export interface Printer {
  /** Aligned blocks, one for each record. Minimal: the first value of each. */
  table(records: readonly (readonly TableRow[])[]): void;
  /** Minimal: the lines joined with commas. */
  lines(...lines: readonly string[]): void;
  /** For people: left out when minimal. */
  message(text: string): void;
  /** A line on standard error: left out when minimal. */
  note(text: string): void;
  /** The command has succeeded: prints what has been kept back. */
  finish(): void;
}

/** Prints at once. */
export class PlainPrinter implements Printer {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  table(records: readonly (readonly TableRow[])[]): void {
    for (const record of records) this.#client.print(`${blockLines(record).join('\n')}\n\n`);
  }

  lines(...lines: readonly string[]): void {
    for (const line of lines) this.#client.print(line);
  }

  message(text: string): void {
    this.#client.print(text);
  }

  note(text: string): void {
    this.#client.printError(`${text}\n`);
  }

  finish(): void {
    // Everything is out already.
  }
}

/** Keeps values back until the command has succeeded, then prints them in one line, the last printed part first. */
export class MinimalPrinter implements Printer {
  readonly #client: Client;
  readonly #parts: string[][] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  table(records: readonly (readonly TableRow[])[]): void {
    const firsts = records.map(([first]) => first?.[1]);
    // One record without any field (names that nobody knows) takes the whole table with it.
    if (firsts.every((value) => value !== undefined)) this.#parts.push(firsts.map(escaped));
  }

  lines(...lines: readonly string[]): void {
    this.#parts.push(lines.map(escaped));
  }

  message(): void {
    // For people only.
  }

  note(): void {
    // For people only.
  }

  finish(): void {
    this.#client.print(this.#parts.reverse().flat().join(','));
  }
}

function escaped(value: string): string {
  return value.replace(/[\\,]/g, (character) => `\\${character}`);
}

/** The lines of one record: the first label at the left, the others at the right, all of one width. */
export function blockLines(rows: readonly TableRow[]): string[] {
  const widths = rows.map(([label]) => Buffer.byteLength(label));
  const width = INDENT + Math.max(0, ...widths);
  return rows.map(([label, value], i) => {
    const blanks = ' '.repeat(width - (widths[i] ?? 0));
    return i === 0 ? `${label}${blanks}: ${value}` : `${blanks}${label}: ${value}`;
  });
}
