import { beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { ApiClient } from '../api/api-client.js';
import { CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import { runCommand } from '../testing/run-command.js';
import { listCommand } from './list.js';

describe('X-list', () => {
  let fixture: ApiFixture;
  let api: ApiClient;
  const sent: string[] = [];
  const command = listCommand(gadgetClass());
  const list = (...words: readonly string[]) => runCommand(api, command, ...words);

  beforeAll(async () => {
    fixture = await apiFixture();
    api = fixtureApi(fixture.api, sent);
    const { db } = fixture.api;
    db.create('network', { uuid: '00000000-0000-4000-8000-000000000001', name_label: 'one, first', tags: ['red', 'blue'] });
    db.create('network', { uuid: '00000000-0000-4000-8000-000000000002', name_label: 'two' });
    db.create('network', { uuid: '00000000-0000-4000-8000-000000000003', name_label: 'jumbo', MTU: 9000 });
  });

  it('prints a block for each object, two empty lines after each', async () => {
    expect(await list()).toBe(
      [
        'uuid ( RO)          : 00000000-0000-4000-8000-000000000001',
        '    name-label ( RW): one, first',
        '',
        '',
        'uuid ( RO)          : 00000000-0000-4000-8000-000000000002',
        '    name-label ( RW): two',
        '',
        '',
        '',
      ].join('\n'),
    );
  });

  it('aligns each block to its longest label', async () => {
    expect(await list('name-label=two', 'params=bridge,other,load,tags')).toBe(
      [
        'bridge ( RO)                : ',
        '                  tags (SRW): ',
        '    other (MRO) [DEPRECATED]: ',
        '                  load ( RO): <expensive field>',
        '',
        '',
        '',
      ].join('\n'),
    );
  });

  it('prints three empty lines for an object without fields, and nothing for no object', async () => {
    expect(await list('name-label=two', 'params=')).toBe('\n\n\n');
    expect(await list('name-label=two', 'params=nonsense')).toBe('\n\n\n');
    expect(await list('name-label=none')).toBe('');
  });

  it('prints the first field in the order of the class when minimal', async () => {
    expect(await list('params=name-label,uuid', '--minimal')).toBe(
      '00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002\n',
    );
    expect(await list('params=name-label', '--minimal')).toBe('one\\, first,two\n');
    expect(await list('params=tags', 'minimal=true')).toBe('red\\, blue,\n');
    expect(await list('params=nonsense', '--minimal')).toBe('\n');
    expect(await list('name-label=none', '--minimal')).toBe('\n');
  });

  it('always applies the filters of the class, unless it lists all', async () => {
    expect(await list('name-label=jumbo', '--minimal')).toBe('\n');
    expect(await list('--all', 'params=name-label', '--minimal', 'name-label=two')).toBe('one\\, first,two,jumbo\n');
    expect(await list('all=no', 'params=name-label', '--minimal')).toBe('one\\, first,two\n');
  });

  it('refuses a wrong filter even where it lists all', async () => {
    await expect(list('--all', 'nonsense=1')).rejects.toThrow(new CommandFailure("Unknown field 'nonsense'"));
    expect(await list('name-label=jumbo', 'nonsense=1')).toBe('');
    await expect(list('all=maybe')).rejects.toThrow(CommandFailure);
  });

  it('reads all objects in one call', async () => {
    sent.length = 0;
    await list('params=all');
    expect(sent).toEqual(['network.get_all_records_where']);
  });

  it('answers with the error of the API for another database', async () => {
    await expect(list('database:vdi-uuid=x')).rejects.toThrow(new ApiError('UUID_INVALID', 'VDI', 'x'));
    await expect(list('database:filename=/some/file')).rejects.toBeInstanceOf(ApiError);
    await expect(list('database:filename=f', 'database:vdi-uuid=x')).rejects.toThrow(CommandFailure);
  });

  it('names its parameters', () => {
    expect(command.required).toEqual([]);
    expect(command.optional).toEqual([
      ...['params', 'database:', 'uuid', 'name-label', 'bridge', 'MTU', 'tags', 'purpose', 'VIF-uuids', 'other-config', 'other'],
      ...['facts', 'whole-config', 'properties', 'load', 'owner', 'tags:contains', 'purpose:contains', 'VIF-uuids:contains'],
    ]);
  });
});
