import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../api/testing/pool-fixture.js';
import { ApiError } from '../../model/error.js';
import type { ApiClient } from '../api/api-client.js';
import type { Command } from '../command.js';
import { ClientWordedError, CommandFailure } from '../failure.js';
import { STANDARD_PARAMETERS } from '../parameters.js';
import { recordClasses } from '../records/classes.js';
import type { RecordClass, Target } from '../records/record-class.js';
import { label, visibleFields } from '../records/show.js';
import { allTargets } from '../records/targets.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { runCommand } from '../testing/run-command.js';
import { generatedCommands } from './commands.js';

/** Fields that read anew what hosts measure. */
const MEASURED = /^io_|-utilisation$/;

const commands = new Map(generatedCommands.map((command) => [command.name, command]));

describe('generated commands', () => {
  it('are those of the original, by number', () => {
    const count = (end: string) => generatedCommands.filter(({ name }) => name.endsWith(end)).length;
    expect(recordClasses).toHaveLength(55);
    expect(commands.size).toBe(generatedCommands.length);
    const ends = ['-param-list', '-param-get', '-param-set', '-param-add', '-param-remove', '-param-clear'];
    expect(ends.map(count)).toEqual([55, 55, 33, 25, 25, 40]);
    expect(generatedCommands).toHaveLength(288);
  });

  it('are described in one sentence or two', () => {
    for (const { name, description } of generatedCommands) expect(description, name).toMatch(/^[A-Z].*\.$/);
    expect(commands.get('patch-list')?.description).toContain(' patches ');
  });

  it('that plain help names are lists of what people look at first', () => {
    const standard = generatedCommands.filter(({ flags }) => flags?.includes('standard')).map(({ name }) => name);
    expect(standard).toEqual(['network-list', 'vm-list', 'sr-list']);
  });
});

describe.each(recordClasses.map((recordClass) => [recordClass.name, recordClass] as const))(
  'commands of %s',
  (word, recordClass) => {
    let objects: readonly Target[];
    /** `uuid=` of one that the list shows by itself. */
    let uuid: string;

    const run = (end: string, ...words: readonly string[]) => runCommand(api, commandOf(`${word}-${end}`), ...words);

    beforeAll(async () => {
      objects = allTargets(api, recordClass);
      const [first] = (await run('list', 'params=uuid', '--minimal')).trim().split(',');
      uuid = `uuid=${first}`;
    });

    it('list every object with every field', async () => {
      const blocks = (await run('list', '--all', 'params=all')).split('\n\n\n').slice(0, -1);
      expect(blocks).toHaveLength(objects.length);
      for (const block of blocks) for (const field of visibleFields(recordClass)) expect(block).toContain(label(field));
    });

    it('find an object by what is printed of each field', async () => {
      const all = await run('param-list', uuid);
      for (const field of recordClass.fields.filter(({ name }) => !MEASURED.test(name))) {
        const value = (await run('param-get', uuid, `param-name=${field.name}`)).slice(0, -1);
        expect(all.includes(`${label(field)}: ${value}\n`) || all.startsWith(label(field)), field.name).toBe(!field.hidden);
        expect(await run('list', uuid, `${field.name}=${value}`, 'params=uuid', '--minimal'), field.name).toBe(
          `${uuid.slice(5)}\n`,
        );
        // `port` of an SDN controller is never a filter: command lines have one of their own.
        if (!STANDARD_PARAMETERS.has(field.name)) expect(await run('list', uuid, `${field.name}=${value}!`), field.name).toBe('');
      }
    });

    it('tell of an object that is not there', async () => {
      const missing = new ApiError('UUID_INVALID', recordClass.of, 'zz');
      const own = generatedCommands.filter(({ name }) => name.startsWith(`${word}-param-`) && ofClass(name, recordClass));
      expect(own.length).toBeGreaterThanOrEqual(2);
      for (const command of own)
        await expect(runCommand(api, command, 'uuid=zz', 'param-name=uuid', 'param-key=x')).rejects.toThrow(missing);
    });

    it('refuse what cannot be read or changed', async () => {
      const unknown = new ClientWordedError('Missing parameter', 'nonsense');
      await expect(run('list', uuid, '--all', 'nonsense=1')).rejects.toThrow(new CommandFailure("Unknown field 'nonsense'"));
      await expect(run('param-get', uuid, 'param-name=nonsense')).rejects.toEqual(unknown);
      if (commands.has(`${word}-param-set`))
        await expect(run('param-set', uuid, 'uuid-x=1')).rejects.toThrow(new CommandFailure("Unknown field 'uuid-x'"));
      if (commands.has(`${word}-param-add`))
        await expect(run('param-add', uuid, 'param-name=uuid')).rejects.toThrow(/^Can only add/);
      if (commands.has(`${word}-param-remove`))
        await expect(run('param-remove', uuid, 'param-name=uuid', 'param-key=x')).rejects.toThrow(/^Can only remove/);
      if (commands.has(`${word}-param-clear`))
        await expect(run('param-clear', uuid, 'param-name=uuid')).rejects.toThrow(/^Can only clear/);
    });
  },
);

const withOtherConfig = recordClasses.filter(({ fields }) =>
  fields.some(({ name, addKey }) => name === 'other-config' && addKey),
);

it.each(withOtherConfig.map(({ name }) => name))('other-config of a %s can be changed key by key', async (word) => {
  const run = (end: string, ...words: readonly string[]) => runCommand(api, commandOf(`${word}-${end}`), ...words);
  const [first] = (await run('list', 'params=uuid', '--minimal')).trim().split(',');
  const uuid = `uuid=${first}`;
  const named = 'param-name=other-config';
  expect(await run('param-set', uuid, 'other-config:one=1', 'other-config:one=2')).toBe('');
  expect(await run('param-get', uuid, named, 'param-key=one')).toBe('2\n');
  expect(await run('param-add', uuid, named, 'two=a=b')).toBe('');
  expect(await run('param-get', uuid, named, 'param-key=two')).toBe('a=b\n');
  await expect(run('param-add', uuid, named, 'two=c')).rejects.toMatchObject({ code: 'MAP_DUPLICATE_KEY' });
  expect(await run('param-remove', uuid, named, 'param-key=one')).toBe('');
  expect(await run('param-clear', uuid, named)).toBe('');
  expect(await run('param-get', uuid, named)).toBe('\n');
});

let fixture: PoolFixture;
let api: ApiClient;

beforeAll(async () => {
  fixture = await poolFixture({ vms: [vmPlan('00000000-0000-4000-8000-000000000001', { power: 'Running' })] });
  api = fixtureApi(fixture.api);
  const { db } = fixture;
  db.create('VM', { name_label: 'snapshot', is_a_snapshot: true, is_a_template: true });
  for (const recordClass of recordClasses) if (allTargets(api, recordClass).length === 0) db.create(recordClass.of, {});
});

afterAll(() => fixture.close());

function commandOf(name: string): Command {
  const command = commands.get(name);
  if (!command) throw new Error(`no command ${name}`);
  return command;
}

/** Whether a command is of this class, and not of one whose name goes on: `host` and `host-cpu`. */
function ofClass(name: string, { name: word }: RecordClass): boolean {
  return name.slice(word.length + 1).startsWith('param-');
}
