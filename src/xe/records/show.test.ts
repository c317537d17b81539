import { beforeAll, describe, expect, it } from 'vitest';
import { apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import type { Field, Target } from './record-class.js';
import { fieldsNamed, label, shownValue, tableRows } from './show.js';
import { allTargets } from './targets.js';

const computed = { count: 0 };
const gadget = gadgetClass(computed);

function names(params: string | undefined, shown?: readonly string[]): string[] {
  return fieldsNamed(gadget, params, shown).map(({ name }) => name);
}

describe('fieldsNamed', () => {
  const visible = gadget.fields.map(({ name }) => name).filter((name) => name !== 'secret-word');

  it('gives what a list shows by itself, in the order of the class and without hidden fields', () => {
    expect(names(undefined)).toEqual(['uuid', 'name-label']);
    expect(names(undefined, ['MTU', 'misspelt'])).toEqual(['MTU']);
    expect(names(undefined, [])).toEqual(visible);
  });

  it('gives the fields asked for, in the order of the class', () => {
    expect(names('tags,name-label,nonsense,secret-word')).toEqual(['name-label', 'tags']);
    expect(names('')).toEqual([]);
    expect(names('Tags, uuid')).toEqual([]);
    expect(names('all')).toEqual(visible);
  });
});

describe('label', () => {
  it('tells what can be done with a field', () => {
    const plain: Field = { name: 'x', access: 'RO', show: () => '' };
    expect(label(plain)).toBe('x ( RO)');
    expect(label({ ...plain, access: 'RW' })).toBe('x ( RW)');
    expect(label({ ...plain, access: 'MRW' })).toBe('x (MRW)');
    expect(label({ ...plain, access: 'SRO', deprecated: true })).toBe('x (SRO) [DEPRECATED]');
  });
});

describe('tableRows', () => {
  let targets: readonly Target[];

  beforeAll(async () => {
    const fixture = await apiFixture();
    fixture.api.db.create('network', { name_label: 'one' });
    targets = allTargets(fixtureApi(fixture.api), gadget);
  });

  it('has a placeholder for what is expensive', async () => {
    computed.count = 0;
    expect(await tableRows(targets, fieldsNamed(gadget, 'load,name-label,owner'))).toEqual([
      [
        ['name-label ( RW)', 'one'],
        ['load ( RO)', '<expensive field>'],
        ['owner ( RO)', '<invalid reference>'],
      ],
    ]);
    expect(computed.count).toBe(0);
  });

  it('computes it for one who asks for it', async () => {
    expect(await tableRows(targets, fieldsNamed(gadget, 'load'), 'computed')).toEqual([[['load ( RO)', 'load of one']]]);
  });

  it('lets others have their turn during long listings', async () => {
    const [target] = targets;
    if (!target) throw new Error('no target');
    let turns = 0;
    setImmediate(() => turns++);
    let turnsAtLast = 0;
    const slow: Field = {
      name: 'slow',
      access: 'RO',
      show: () => {
        const end = performance.now() + 4;
        while (performance.now() < end);
        turnsAtLast = turns;
        return '';
      },
    };
    expect(await tableRows([target, target, target, target], [slow])).toHaveLength(4);
    expect(turnsAtLast).toBe(1);
  });

  it('hides no other error than that of an object gone', async () => {
    const [target] = targets;
    if (!target) throw new Error('no target');
    const failing = (thrown: Error, later: boolean): Field => ({
      name: 'x',
      access: 'RO',
      show: () => {
        if (later) return Promise.reject(thrown);
        throw thrown;
      },
    });
    const gone = new ApiError('HANDLE_INVALID', 'VM', 'OpaqueRef:x');
    expect(await shownValue(failing(gone, true), target)).toBe('<invalid reference>');
    const denied = new ApiError('RBAC_PERMISSION_DENIED', 'x', 'y');
    await expect(async () => shownValue(failing(denied, true), target)).rejects.toThrow(denied);
    await expect(async () => shownValue(failing(denied, false), target)).rejects.toThrow(denied);
  });
});
