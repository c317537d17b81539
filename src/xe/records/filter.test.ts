import { beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import { parametersOf } from '../testing/run-command.js';
import { filtersOf, filterTargets } from './filter.js';
import type { Target } from './record-class.js';
import { shownValue } from './show.js';
import { allTargets } from './targets.js';

describe('filters', () => {
  let fixture: ApiFixture;
  let targets: readonly Target[];
  const computed = { count: 0 };
  const gadget = gadgetClass(computed);
  const name = gadget.fields.find((field) => field.name === 'name-label');

  beforeAll(async () => {
    fixture = await apiFixture();
    const { db } = fixture.api;
    db.create('network', { name_label: 'one', bridge: 'xenBR0', tags: ['red', 'blue'], other_config: new Map([['k', 'v']]) });
    db.create('network', {
      name_label: 'two',
      bridge: 'xenbr1',
      other_config: new Map([
        ['k', 'w'],
        ['', 'empty'],
      ]),
    });
    targets = allTargets(fixtureApi(fixture.api), gadget);
  });

  async function names(...words: readonly string[]): Promise<unknown[]> {
    const left = await filterTargets(gadget, targets, filtersOf(parametersOf(...words)));
    return Promise.all(left.map((target) => name && shownValue(name, target)));
  }

  it('compare the printed value as a whole, with regard to case', async () => {
    expect(await names('name-label=one')).toEqual(['one']);
    expect(await names('name-label=One')).toEqual([]);
    expect(await names('MTU=1500')).toEqual(['one', 'two']);
    expect(await names('MTU=01500')).toEqual([]);
    expect(await names('tags=red, blue')).toEqual(['one']);
    expect(await names('tags=red')).toEqual([]);
    expect(await names('other-config=k: v')).toEqual(['one']);
    expect(await names('owner=<invalid reference>')).toEqual(['one', 'two']);
  });

  it('disregard case where the field says so', async () => {
    expect(await names('bridge=XENbr0')).toEqual(['one']);
  });

  it('look into maps, in both spellings', async () => {
    expect(await names('other-config:k=v')).toEqual(['one']);
    expect(await names('other-config-k=w')).toEqual(['two']);
    expect(await names('other-config:none=')).toEqual([]);
    expect(await names('other-config:=empty')).toEqual(['two']);
    // `other` is a map, too: the longest name counts.
    expect(await names('other-config-config-k=v')).toEqual([]);
    expect(await names('other-k=v')).toEqual(['one']);
  });

  it('look into sets, in both spellings', async () => {
    expect(await names('tags:contains=red')).toEqual(['one']);
    expect(await names('tags-contains=red')).toEqual(['one']);
    expect(await names('tags:contains=green')).toEqual([]);
  });

  it('must all hold', async () => {
    expect(await names('MTU=1500', 'name-label=two', 'other-config:k=w')).toEqual(['two']);
    expect(await names('name-label=one', 'name-label=two')).toEqual([]);
  });

  it('compute expensive fields only of what is left, and hidden ones too', async () => {
    computed.count = 0;
    expect(await names('name-label=two', 'load=load of two')).toEqual(['two']);
    expect(computed.count).toBe(1);
    expect(await names('secret-word=')).toEqual(['one', 'two']);
  });

  it.each([
    ['nonsense=1', "Unknown field 'nonsense'"],
    ['nonsense', "Unknown field 'nonsense'"],
    ['nonsense:x=1', "Unknown field 'nonsense:x'"],
    ['name-label-x=1', "Unknown field 'name-label-x'"],
    ['name-label:x=1', "Field 'name-label' is not a set or map"],
    ['tags:has=red', 'Invalid syntax for set filtering (should be set-param:contains=key)'],
    ['tags-has=red', 'Invalid syntax for set filtering (should be set-param:contains=key)'],
  ])('that make no sense are refused: %s', async (word, text) => {
    await expect(names(word)).rejects.toThrow(new CommandFailure(text));
  });

  it('are not looked at when nothing is left', async () => {
    expect(await names('name-label=none', 'nonsense=1')).toEqual([]);
    expect(await filterTargets(gadget, [], filtersOf(parametersOf('nonsense=1')))).toEqual([]);
  });

  it('are no parameters of how to print or where to look', async () => {
    const words = ['params=uuid', 'database:filename=x', 'server=s', 'port=1', 'username=u', 'password=p', 'minimal=true'];
    const more = ['--force', '--multiple', '--all', '--trace', 'message-priority=1'];
    expect(filtersOf(parametersOf(...words, ...more, 'uuid=x', 'database=y'))).toEqual([
      { name: 'uuid', value: 'x' },
      { name: 'database', value: 'y' },
    ]);
  });
});
