import { describe, expect, it } from 'vitest';
import { classModel } from '../model/class-model.js';
import { MemoryStore } from './memory-store.js';
import { openDatabase } from './open.js';
import { compileWhere } from './where.js';

async function fits(expression: string): Promise<boolean> {
  const db = await openDatabase(new MemoryStore(), () => undefined);
  const vm = db.create('VM', { name_label: 'one', user_version: 7, tags: ['a'], is_a_template: false });
  return compileWhere(classModel('VM'), expression)(vm, db.record('VM', vm));
}

describe('an expression', () => {
  it.each([
    ['true', true],
    ['field "name__label" = "one"', true],
    ['"one" = field "name__label"', true],
    ['field "user_version" = "7" and not field "is_a_template" = "true"', true],
    [`field "tags" = "('a')"`, true],
    ['true or false and false', false],
    ['true or (false and false)', true],
    ['not true or true', false],
    ['not (true) or true', false],
    ['(not true) or true', true],
    [' field\t"name__label"\n=\r"two" ', false],
  ])('%s is %s', async (expression, expected) => {
    expect(await fits(expression)).toBe(expected);
  });

  it.each([
    '',
    'rubbish',
    '(true',
    'true true',
    'and true',
    'TRUE',
    "field 'a' = 'b'",
    'field "a" = 7',
    '"x"',
    'field "a" != "b"',
    'true)',
  ])('is refused: %s', async (expression) => {
    await expect(fits(expression)).rejects.toMatchObject({ code: 'INVALID_VALUE', params: [expression, expect.any(String)] });
  });

  it('may name the reference, and no field that the class has not', async () => {
    await expect(fits('field "name_label" = "x"')).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      params: ['missing field', 'name_label', ''],
    });
    expect(await fits('field "_ref" = "x"')).toBe(false);
  });

  it('is refused when nested without end', async () => {
    await expect(fits(`${'('.repeat(5000)}true${')'.repeat(5000)}`)).rejects.toThrow('nested too deeply');
  });
  it('may have thousands of terms, which count from left to right', async () => {
    const many = Array.from({ length: 20_000 }, () => 'true').join(' and ');
    expect(await fits(many)).toBe(true);
    expect(await fits(`false and ${many} or true`)).toBe(true);
    expect(await fits(`${many} or true and false`)).toBe(false);
  });
});
