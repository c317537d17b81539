import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { gadgetClass } from '../testing/gadget-class.js';
import { runCommand } from '../testing/run-command.js';
import { paramSetCommand } from './param-set.js';

describe('X-param-set', () => {
  const UUID = '00000000-0000-4000-8000-000000000001';
  let fixture: ApiFixture;
  let network: Ref<'network'>;
  const command = paramSetCommand(gadgetClass());

  beforeEach(async () => {
    fixture = await apiFixture();
    network = fixture.api.db.create('network', { uuid: UUID, name_label: 'one', other_config: new Map([['k', 'v']]) });
  });

  async function set(...words: readonly string[]): Promise<string> {
    if (!command) throw new Error('no command');
    return runCommand(fixtureApi(fixture.api), command, ...words);
  }

  const record = () => fixture.api.db.get('network', network);

  it('sets fields, hidden ones too, and prints nothing', async () => {
    expect(await set(`uuid=${UUID}`, 'name-label=a=b', 'MTU=1400', 'secret-word=hush')).toBe('');
    expect(record()).toMatchObject({ name_label: 'a=b', MTU: 1400, name_description: 'hush' });
  });

  it('does nothing without a field, and takes no notice of parameters of every command', async () => {
    expect(await set(`uuid=${UUID}`, '--force', '--trace', 'message-priority=3')).toBe('');
  });

  it('keeps what was set before a mistake', async () => {
    await expect(set(`uuid=${UUID}`, 'name-label=two', 'bridge=x', 'MTU=1400')).rejects.toThrow(
      new CommandFailure("Field 'bridge' is read-only."),
    );
    expect(record()).toMatchObject({ name_label: 'two', MTU: 1500 });
  });

  it('sets keys of maps in either spelling, the last of several', async () => {
    await set(`uuid=${UUID}`, 'other-config:k=w', 'other-config-new=1', 'other-config:twice=1', 'other-config:twice=2');
    expect(record().other_config).toEqual(
      new Map([
        ['k', 'w'],
        ['new', '1'],
        ['twice', '2'],
      ]),
    );
  });

  it('sets a key with its own message where there is one', async () => {
    await set(`uuid=${UUID}`, 'properties:gro=on');
    expect(record().name_description).toBe('gro is on');
  });

  it('replaces maps that are set as a whole, after everything else', async () => {
    await set(`uuid=${UUID}`, 'whole-config:a=1', 'other-config:b=2', 'name-label=two', 'whole-config:c=3');
    expect(record().name_label).toBe('two');
    expect(record().other_config).toEqual(
      new Map([
        ['a', '1'],
        ['c', '3'],
      ]),
    );
  });

  it('does not replace a map when something else of the line is wrong', async () => {
    await expect(set(`uuid=${UUID}`, 'whole-config:a=1', 'bridge=x')).rejects.toThrow(CommandFailure);
    expect(record().other_config).toEqual(new Map([['k', 'v']]));
  });

  it.each([
    ['nonsense=1', "Unknown field 'nonsense'"],
    ['params=1', "Unknown field 'params'"],
    ['bridge=x', "Field 'bridge' is read-only."],
    ['tags=x', "Field 'tags' is read-only."],
    ['tags:x=y', 'Cannot param-set on set fields'],
    ['tags-contains=y', 'Cannot param-set on set fields'],
    ['facts=x', "Field 'facts' is read-only."],
    ['facts:x=y', "Map field 'facts' is read-only."],
    ['name-label:x=y', "Field 'name-label' is not a set or map"],
    ['other-config=x', "Field 'other-config' is a map or set. use the 'name:key=value' syntax."],
    ['whole-config=x', "Field 'whole-config' is a map or set. use the 'name:key=value' syntax."],
    ['properties=x', "Field 'properties' is a map or set. use the 'name:key=value' syntax."],
  ])('refuses %s', async (word, text) => {
    await expect(set(`uuid=${UUID}`, word)).rejects.toThrow(new CommandFailure(text));
  });

  it('tells of an unknown object first', async () => {
    await expect(set('uuid=zz', 'nonsense=1')).rejects.toThrow(new ApiError('UUID_INVALID', 'network', 'zz'));
  });

  it('exists where something can be set, and names what', () => {
    expect(command?.required).toEqual(['uuid']);
    expect(command?.optional).toEqual(['name-label', 'MTU', 'purpose', 'other-config:', 'whole-config:', 'properties:']);
    const fields = gadgetClass().fields.filter(({ name }) => ['uuid', 'tags', 'secret-word', 'facts'].includes(name));
    expect(paramSetCommand({ ...gadgetClass(), fields })).toBeUndefined();
  });
});
