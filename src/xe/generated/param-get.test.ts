import { beforeAll, describe, expect, it } from 'vitest';
import { apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { ApiClient } from '../api/api-client.js';
import { ClientWordedError, CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import { runCommand } from '../testing/run-command.js';
import { paramGetCommand } from './param-get.js';
import { paramListCommand } from './param-list.js';

const UUID = '00000000-0000-4000-8000-000000000001';
let api: ApiClient;

beforeAll(async () => {
  const fixture = await apiFixture();
  api = fixtureApi(fixture.api);
  fixture.api.db.create('network', {
    uuid: UUID,
    name_label: 'one',
    name_description: 'words',
    tags: ['a', 'b,c'],
    other_config: new Map([['k', 'v,w']]),
  });
});

describe('X-param-get', () => {
  const get = (...words: readonly string[]) => runCommand(api, paramGetCommand(gadgetClass()), `uuid=${UUID}`, ...words);

  it('prints a value on a line', async () => {
    expect(await get('param-name=name-label')).toBe('one\n');
    expect(await get('param-name=other-config')).toBe('k: v,w\n');
    expect(await get('param-name=VIF-uuids')).toBe('a; b\n');
  });

  it('computes expensive fields, and reads hidden ones', async () => {
    expect(await get('param-name=load')).toBe('load of one\n');
    expect(await get('param-name=secret-word')).toBe('words\n');
  });

  it('escapes commas when minimal', async () => {
    expect(await get('param-name=tags', '--minimal')).toBe('a\\, b\\,c\n');
    expect(await get('param-name=other-config', 'param-key=k', '--minimal')).toBe('v\\,w\n');
  });

  it('looks a key up in a map', async () => {
    expect(await get('param-name=other-config', 'param-key=k')).toBe('v,w\n');
    await expect(get('param-name=other-config', 'param-key=none')).rejects.toThrow(
      new CommandFailure('Key none not found in map'),
    );
  });

  it('takes no notice of a key where there is no map', async () => {
    expect(await get('param-name=name-label', 'param-key=k')).toBe('one\n');
    expect(await get('param-name=tags', 'param-key=a')).toBe('a, b,c\n');
  });

  it('leaves an unknown name to the client', async () => {
    await expect(get('param-name=nonsense')).rejects.toEqual(new ClientWordedError('Missing parameter', 'nonsense'));
    await expect(get('param-name=nonsense')).rejects.toMatchObject({ params: ['nonsense'] });
  });

  it('tells of an unknown object first', async () => {
    const command = paramGetCommand(gadgetClass());
    await expect(runCommand(api, command, 'uuid=zz', 'param-name=nonsense')).rejects.toThrow(
      new ApiError('UUID_INVALID', 'network', 'zz'),
    );
  });
});

describe('X-param-list', () => {
  it('prints every field but hidden ones, expensive ones computed', async () => {
    const text = await runCommand(api, paramListCommand(gadgetClass()), `uuid=${UUID}`);
    const lines = text.split('\n');
    expect(lines[0]).toBe(`uuid ( RO)                  : ${UUID}`);
    expect(lines).toContain('                  load ( RO): load of one');
    expect(lines).toContain('    other (MRO) [DEPRECATED]: k: v,w');
    expect(text).not.toContain('secret-word');
    expect(lines).toHaveLength(gadgetClass().fields.length - 1 + 3);
  });

  it('prints the first field when minimal', async () => {
    expect(await runCommand(api, paramListCommand(gadgetClass()), `uuid=${UUID}`, '--minimal')).toBe(`${UUID}\n`);
  });
});
