import SQLite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { currentFormat, formatOf, type Migration, migrate, migrations } from './migrations.js';

it('format 1 has the tables of objects and of named values', () => {
  const database = new SQLite(':memory:');
  expect(migrate(database, migrations.slice(0, 1))).toEqual(['tables of objects and of named values']);
  database.exec("INSERT INTO object VALUES ('VM', 'a', 'text'); INSERT INTO meta VALUES ('generation', '1')");
  expect(() => database.exec("INSERT INTO object VALUES ('VM', 'a', 'other')")).toThrow('UNIQUE');
  expect(formatOf(database)).toBe(1);
});

it('takes no step when the format is current', () => {
  const database = new SQLite(':memory:');
  migrate(database);
  expect(migrate(database)).toEqual([]);
  expect(formatOf(database)).toBe(currentFormat);
});

it('takes only the steps that are missing, keeps the data, and stops before a step that fails', () => {
  const database = new SQLite(':memory:');
  migrate(database, migrations.slice(0, 1));
  database.exec("INSERT INTO object VALUES ('VM', 'a', 'text')");
  const addColumn: Migration = { title: 'add size', apply: (file) => file.exec('ALTER TABLE object ADD size INTEGER') };
  const failing: Migration = {
    title: 'fails half way',
    apply: (file) => {
      file.exec('ALTER TABLE object ADD half INTEGER');
      throw new Error('interrupted');
    },
  };
  const first = migrations.slice(0, 1);
  expect(() => migrate(database, [...first, addColumn, failing])).toThrow('interrupted');
  expect(formatOf(database)).toBe(2);
  expect(database.prepare('SELECT * FROM object').all()).toEqual([{ class: 'VM', ref: 'a', text: 'text', size: null }]);
  expect(migrate(database, [...first, addColumn, addColumn].slice(0, 2))).toEqual([]);
});
