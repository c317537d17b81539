import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Command } from '../command.js';
import { ClientWordedError, CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import { runCommand } from '../testing/run-command.js';
import { paramAddCommand } from './param-add.js';
import { paramClearCommand } from './param-clear.js';
import { paramRemoveCommand } from './param-remove.js';

const UUID = '00000000-0000-4000-8000-000000000001';
let fixture: ApiFixture;
let network: Ref<'network'>;

beforeEach(async () => {
  fixture = await apiFixture();
  network = fixture.api.db.create('network', {
    uuid: UUID,
    name_label: 'one',
    tags: ['red', 'blue'],
    other_config: new Map([
      ['k', 'v'],
      ['l', 'w'],
    ]),
  });
});

const record = () => fixture.api.db.get('network', network);

function runner(command: Command | undefined): (...words: readonly string[]) => Promise<string> {
  return async (...words) => {
    if (!command) throw new Error('no command');
    return runCommand(fixtureApi(fixture.api), command, `uuid=${UUID}`, ...words);
  };
}

describe('X-param-add', () => {
  const add = runner(paramAddCommand(gadgetClass()));

  it('adds a member to a set', async () => {
    expect(await add('param-name=tags', 'param-key=with, comma')).toBe('');
    expect(record().tags).toEqual(['red', 'blue', 'with, comma']);
  });

  it('adds every pair of the line to a map', async () => {
    expect(await add('param-name=other-config', 'a=1', 'param-key=x', 'b=', '--force', 'c')).toBe('');
    expect([...record().other_config]).toEqual([
      ['k', 'v'],
      ['l', 'w'],
      ['a', '1'],
      ['b', ''],
      ['c', ''],
    ]);
  });

  it('leaves a key that is there to the API', async () => {
    await expect(add('param-name=other-config', 'a=1', 'k=w', 'b=2')).rejects.toMatchObject({ code: 'MAP_DUPLICATE_KEY' });
    expect([...record().other_config.keys()]).toEqual(['k', 'l', 'a']);
  });

  it.each([
    ['tags', 'When adding a key to a set, use the syntax: *-param-add param-name=<name> param-key=<key>'],
    ['VIF-uuids', 'Parameter is read-only'],
    ['facts', 'Parameter is read-only'],
    ['name-label', 'Can only add to parameters of type Set or Map'],
  ])('refuses to add to %s', async (name, text) => {
    await expect(add(`param-name=${name}`, 'key=value')).rejects.toThrow(new CommandFailure(text));
  });

  it('leaves an unknown name to the client', async () => {
    await expect(add('param-name=nonsense', 'a=1')).rejects.toEqual(new ClientWordedError('Missing parameter', 'nonsense'));
  });
});

describe('X-param-remove', () => {
  const remove = runner(paramRemoveCommand(gadgetClass()));

  it('removes what is there', async () => {
    expect(await remove('param-name=tags', 'param-key=red')).toBe('');
    expect(await remove('param-name=other-config', 'param-key=k')).toBe('');
    expect(record().tags).toEqual(['blue']);
    expect([...record().other_config.keys()]).toEqual(['l']);
  });

  it.each([
    ['tags', 'green', 'Key green is not in the set'],
    ['other-config', 'x', 'Key x is not in map'],
    ['facts', 'a', 'Cannot remove parameters from read-only map'],
    ['facts', 'x', 'Key x is not in map'],
    ['VIF-uuids', 'a', 'Cannot remove parameters from read-only map'],
    ['name-label', 'x', 'Can only remove from parameters of type Set or Map'],
  ])('refuses to remove from %s what is %s', async (name, key, text) => {
    await expect(remove(`param-name=${name}`, `param-key=${key}`)).rejects.toThrow(new CommandFailure(text));
  });
});

describe('X-param-clear', () => {
  const clear = runner(paramClearCommand(gadgetClass()));

  it('empties sets, maps and plain fields', async () => {
    expect(await clear('param-name=tags')).toBe('');
    expect(await clear('param-name=other-config')).toBe('');
    expect(await clear('param-name=name-label')).toBe('');
    expect(record()).toMatchObject({ tags: [], name_label: '' });
    expect(record().other_config.size).toBe(0);
  });

  it('empties a map with one message where there is one', async () => {
    expect(await clear('param-name=other')).toBe('');
    expect(record().other_config.size).toBe(0);
  });

  it.each([
    ['bridge', 'Can only clear RW parameters'],
    ['facts', 'Can only clear RW parameters'],
    ['MTU', 'Cannot clear this parameter'],
    ['purpose', 'Cannot clear this parameter'],
  ])('refuses to empty %s', async (name, text) => {
    await expect(clear(`param-name=${name}`)).rejects.toThrow(new CommandFailure(text));
  });

  it('names in its help what it takes', () => {
    const names = 'name-label, MTU, tags, purpose, VIF-uuids, other-config, other, facts, whole-config, properties';
    expect(paramClearCommand(gadgetClass())?.description).toContain(`${names}.`);
  });
});

describe('the three', () => {
  it('are there for classes that have something to add to, remove from or clear', () => {
    const fields = gadgetClass().fields.filter(({ name }) => name === 'uuid' || name === 'secret-word');
    const plain = { ...gadgetClass(), fields };
    expect([paramAddCommand(plain), paramRemoveCommand(plain), paramClearCommand(plain)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tell of an unknown object first', async () => {
    const commands = [paramAddCommand, paramRemoveCommand, paramClearCommand].map((make) => make(gadgetClass()));
    for (const command of commands) {
      if (!command) throw new Error('no command');
      const words = ['uuid=zz', 'param-name=nonsense', 'param-key=x'];
      await expect(runCommand(fixtureApi(fixture.api), command, ...words)).rejects.toThrow(
        new ApiError('UUID_INVALID', 'network', 'zz'),
      );
    }
  });
});
