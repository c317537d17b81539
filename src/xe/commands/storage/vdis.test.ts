import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../../failure.js';
import { runCommand } from '../../testing/run-command.js';
import { type Answer, scriptedApi } from '../../testing/scripted-api.js';
import { storageFamily } from './index.js';

/** Runs a command of storage against scripted answers. */
async function run(answers: Readonly<Record<string, Answer>>, name: string, ...words: string[]) {
  const command = storageFamily.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const { api, sent } = scriptedApi(answers);
  return { out: await runCommand(api, command, ...words), sent };
}

const NULL = 'OpaqueRef:NULL';

describe('vdi-create', () => {
  it('makes a disk for users of the size in bytes', async () => {
    const { out, sent } = await run(
      { 'VDI.create': 'OpaqueRef:made' },
      'vdi-create',
      'sr-uuid=s',
      'name-label=n',
      'virtual-size=3MiB',
    );
    expect(out).toBe('made\n');
    expect(Object.fromEntries(sent[0]?.[1] as ReadonlyMap<string, unknown>)).toMatchObject({
      SR: 'OpaqueRef:s',
      name_label: 'n',
      virtual_size: 3 * 2 ** 20,
      type: 'user',
      sharable: false,
      read_only: false,
      tags: [],
    });
  });

  it('takes tags by their names, and the types that people may make', async () => {
    const words = ['virtual-size=1', 'tags:one=', 'tags:two=x', 'type=SYSTEM', 'sharable=yes', 'sm-config:a=b'];
    const { sent } = await run({ 'VDI.create': 'OpaqueRef:made' }, 'vdi-create', 'sr-uuid=s', 'name-label=n', ...words);
    expect(Object.fromEntries(sent[0]?.[1] as ReadonlyMap<string, unknown>)).toMatchObject({
      tags: ['one', 'two'],
      type: 'system',
      sharable: true,
      sm_config: new Map([['a', 'b']]),
    });
    await expect(run({}, 'vdi-create', 'sr-uuid=s', 'name-label=n', 'virtual-size=1', 'type=ha_statefile')).rejects.toThrow(
      CommandFailure,
    );
  });

  it('refuses what is no size', async () => {
    await expect(run({}, 'vdi-create', 'sr-uuid=s', 'name-label=n', 'virtual-size=1.5')).rejects.toThrow(
      "Failed to parse field 'virtual-size'",
    );
  });
});

it('vdi-resize is online only for exactly true', async () => {
  const answers = { 'VDI.resize': '', 'VDI.resize_online': '' };
  expect((await run(answers, 'vdi-resize', 'uuid=v', 'disk-size=2k')).sent).toEqual([['VDI.resize', 'OpaqueRef:v', 2048]]);
  expect((await run(answers, 'vdi-resize', 'uuid=v', 'disk-size=1', 'online=yes')).sent[0]?.[0]).toBe('VDI.resize');
  expect((await run(answers, 'vdi-resize', 'uuid=v', 'disk-size=1', '--online')).sent[0]?.[0]).toBe('VDI.resize_online');
});

it('vdi-unlock needs force', async () => {
  await expect(run({}, 'vdi-unlock', 'uuid=v')).rejects.toThrow(CommandFailure);
  expect((await run({ 'VDI.force_unlock': '' }, 'vdi-unlock', 'uuid=v', 'force=true')).sent).toEqual([
    ['VDI.force_unlock', 'OpaqueRef:v'],
  ]);
});

it('vdi-copy goes into an SR or into a disk, and not both', async () => {
  const answers = { 'VDI.copy': 'OpaqueRef:copy' };
  const { out, sent } = await run(answers, 'vdi-copy', 'uuid=v', 'sr-uuid=s', 'base-vdi-uuid=b');
  expect([out, sent]).toEqual(['copy\n', [['VDI.copy', 'OpaqueRef:v', 'OpaqueRef:s', 'OpaqueRef:b', NULL]]]);
  expect((await run(answers, 'vdi-copy', 'uuid=v', 'into-vdi-uuid=i')).sent).toEqual([
    ['VDI.copy', 'OpaqueRef:v', NULL, NULL, 'OpaqueRef:i'],
  ]);
  for (const words of [[], ['sr-uuid=s', 'into-vdi-uuid=i']])
    await expect(run(answers, 'vdi-copy', 'uuid=v', ...words)).rejects.toThrow(CommandFailure);
});

it('vdi-clone and vdi-snapshot take parameters of the driver in both spellings, and a clone its names', async () => {
  const answers = {
    'VDI.clone': 'OpaqueRef:clone',
    'VDI.snapshot': 'OpaqueRef:snapshot',
    'VDI.set_name_label': '',
    'VDI.set_name_description': '',
  };
  const snapshot = await run(answers, 'vdi-snapshot', 'uuid=v', 'driver-params:a=b', 'driver-params-c=d');
  expect(snapshot.sent).toEqual([
    [
      'VDI.snapshot',
      'OpaqueRef:v',
      new Map([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    ],
  ]);
  expect(snapshot.out).toBe('snapshot\n');
  expect((await run(answers, 'vdi-clone', 'uuid=v')).sent).toEqual([['VDI.clone', 'OpaqueRef:v', new Map()]]);
  expect((await run(answers, 'vdi-clone', 'uuid=v', 'new-name-label=n', 'new-name-description=')).sent.slice(1)).toEqual([
    ['VDI.set_name_label', 'OpaqueRef:clone', 'n'],
    ['VDI.set_name_description', 'OpaqueRef:clone', ''],
  ]);
});

it('vdi-introduce leaves sizes to the storage', async () => {
  const words = ['uuid=u', 'sr-uuid=s', 'type=user', 'location=l', 'name-label=n', 'read-only=true', 'other-config:a=b'];
  const { out, sent } = await run({ 'VDI.introduce': 'OpaqueRef:u' }, 'vdi-introduce', ...words);
  expect(out).toBe('u\n');
  const empty = new Map();
  expect(sent[0]?.slice(1, 11)).toEqual(['u', 'n', '', 'OpaqueRef:s', 'user', false, true, new Map([['a', 'b']]), 'l', empty]);
  expect(sent[0]?.slice(11)).toEqual([empty, true, 0, 0, NULL, false, '19700101T00:00:00Z', NULL]);
});

it('vdi-pool-migrate names a format only where it was given one', async () => {
  const answers = { 'VDI.pool_migrate': 'OpaqueRef:moved' };
  expect((await run(answers, 'vdi-pool-migrate', 'uuid=v', 'sr-uuid=s')).sent[0]?.[3]).toEqual(new Map());
  const { sent } = await run(answers, 'vdi-pool-migrate', 'uuid=v', 'sr-uuid=s', 'dest-img-format=qcow2');
  expect(sent[0]?.[3]).toEqual(new Map([['dest-img-format', 'qcow2']]));
});
