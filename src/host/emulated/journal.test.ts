import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from './journal.js';
import { temporaryDirectory } from './test-world.js';

describe('journal', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let path: string;
  let warnings: string[];
  const open = (): Journal => new Journal(path, 'test', (message) => warnings.push(message));
  const contents = (): unknown => {
    const journal = open();
    const found = Object.fromEntries(journal.entries());
    journal.close();
    return found;
  };

  beforeEach(async () => {
    directory = await temporaryDirectory();
    path = join(directory.path, 'x.journal');
    warnings = [];
  });
  afterEach(() => directory.remove());

  it('gives back what was written, maps included, even when it was never closed', () => {
    const journal = open();
    journal.write({ a: { map: new Map([['k', 'v']]) }, b: 1 });
    journal.write({ b: null, c: 'ü' });
    expect(contents()).toEqual({ a: { map: new Map([['k', 'v']]) }, c: 'ü' });
    expect(warnings).toEqual([]);
    journal.close();
  });

  it('leaves out a change that was cut off, all of it, and goes on behind', () => {
    const journal = open();
    journal.write({ a: 1 });
    journal.write({ a: 2, b: 2 });
    journal.close();
    truncateSync(path, readFileSync(path).length - 3);
    const again = open();
    expect(again.intact).toBe(false);
    expect(Object.fromEntries(again.entries())).toEqual({ a: 1 });
    again.write({ c: 3 });
    again.close();
    expect(warnings).toHaveLength(1);
    expect(contents()).toEqual({ a: 1, c: 3 });
    expect(warnings).toHaveLength(1);
  });

  it('leaves out a damaged line in the middle', () => {
    const journal = open();
    journal.write({ a: 1 });
    journal.close();
    appendFileSync(path, '\u0000\u0000garbage\n{"b":2}\n');
    expect(contents()).toEqual({ a: 1, b: 2 });
    expect(warnings).toHaveLength(1);
  });

  it('puts a file of another kind aside and starts empty', () => {
    writeFileSync(path, 'something else\n');
    expect(contents()).toEqual({});
    expect(warnings).toHaveLength(1);
    expect(readFileSync(`${path}.unreadable`, 'utf8')).toBe('something else\n');
  });

  it('forgets history when it is opened', () => {
    const journal = open();
    for (let n = 0; n < 1500; n++) journal.write({ a: n });
    journal.close();
    const before = readFileSync(path).length;
    expect(contents()).toEqual({ a: 1499 });
    expect(readFileSync(path).length).toBeLessThan(before / 100);
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(contents()).toEqual({ a: 1499 });
  });
});
