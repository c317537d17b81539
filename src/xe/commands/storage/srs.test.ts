import { describe, expect, it } from 'vitest';
import { RecordVersion } from '../../../model/record.js';
import { CommandFailure } from '../../failure.js';
import { PlainPrinter } from '../../printer.js';
import { RecordingClient } from '../../testing/recording-client.js';
import { parametersOf, runCommand } from '../../testing/run-command.js';
import { type Answer, scriptedApi } from '../../testing/scripted-api.js';
import { storageFamily } from './index.js';

function command(name: string) {
  const found = storageFamily.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

/** Answers of a pool of so many hosts, whose master is `OpaqueRef:master`. */
function pool(hosts: number): Record<string, Answer> {
  return {
    'pool.get_all_records_where': new Map([['OpaqueRef:pool', {}]]),
    'pool.get_master': 'OpaqueRef:master',
    'host.get_all_records_where': new Map(Array.from({ length: hosts }, (_, i) => [`OpaqueRef:${i}`, {}])),
  };
}

describe('sr-create', () => {
  const run = async (hosts: number, ...words: string[]) => {
    const { api, sent } = scriptedApi({ ...pool(hosts), 'SR.create': 'OpaqueRef:made' });
    const out = await runCommand(api, command('sr-create'), 'name-label=disks', 'type=ext', ...words);
    return { out, args: sent.at(-1)?.slice(1) };
  };
  const empty = new Map();

  it('works on the host that it names, else on the master where that is what is meant', async () => {
    expect((await run(3, 'host-uuid=h')).args?.[0]).toBe('OpaqueRef:h');
    expect((await run(1)).args?.[0]).toBe('OpaqueRef:master');
    expect((await run(3, 'shared=true')).args?.[0]).toBe('OpaqueRef:master');
    for (const words of [[], ['shared=no']])
      await expect(run(3, ...words)).rejects.toEqual(new CommandFailure('Required parameter not found: host-uuid'));
  });

  it('sends what it is given', async () => {
    expect((await run(1)).args?.slice(1)).toEqual([empty, 0, 'disks', '', 'ext', '', false, empty]);
    const words = [
      'name-description=d',
      'content-type=user',
      'physical-size=2GiB',
      'shared=1',
      'sm-config:a=b',
      'device-config:c=d',
    ];
    expect((await run(1, ...words)).args?.slice(1)).toEqual([
      new Map([['c', 'd']]),
      2 * 2 ** 30,
      'disks',
      'd',
      'ext',
      'user',
      true,
      new Map([['a', 'b']]),
    ]);
  });

  it('leaves a size that nobody can read to the storage', async () => {
    expect((await run(1, 'physical-size=much')).args?.[2]).toBe(0);
  });

  it('prints the uuid also when it is to be minimal, and the empty line of that', async () => {
    expect((await run(1)).out).toBe('made\n');
    expect((await run(1, '--minimal')).out).toBe('made\n\n');
  });

  it('has the client send the files that its configuration names', async () => {
    const { api, sent } = scriptedApi({ ...pool(1), 'SR.create': 'OpaqueRef:made' });
    const client = Object.assign(new RecordingClient(), {
      load: (fileName: string) => Promise.resolve(fileName === '/key' ? Buffer.from('the key\n') : undefined),
    });
    const create = (...words: string[]) =>
      command('sr-create').run({
        api,
        client,
        parameters: parametersOf('name-label=disks', 'type=nfs', ...words),
        printer: new PlainPrinter(client),
        command: command('sr-create'),
      });
    await create('device-config:server=s', 'device-config:key-filename=/key', 'device-config-old-filename=/key');
    expect(sent.at(-1)?.[2]).toEqual(
      new Map([
        ['server', 's'],
        ['key', 'the key\n'],
        ['old', 'the key\n'],
      ]),
    );
    await expect(create('device-config:key-filename=/none')).rejects.toThrow(CommandFailure);
  });
});

it('sr-introduce prints the uuid that it was given', async () => {
  const { api, sent } = scriptedApi({ 'SR.introduce': 'OpaqueRef:other' });
  expect(await runCommand(api, command('sr-introduce'), 'uuid=u', 'name-label=n', 'type=nfs', 'shared=yes')).toBe('u\n');
  expect(sent).toEqual([['SR.introduce', 'u', 'n', '', 'nfs', '', true, new Map()]]);
});

describe('a probe', () => {
  it('goes to the master of a pool of several hosts, and its answer is unwrapped', async () => {
    const wrapped = '<value><array><data><value>Raw</value><value>text</value></data></array></value>';
    const { api, sent } = scriptedApi({ ...pool(2), 'SR.probe': wrapped });
    expect(await runCommand(api, command('sr-probe'), 'type=nfs', 'device-config:server=s', 'sm-config:x=y')).toBe('text\n');
    expect(sent.at(-1)).toEqual(['SR.probe', 'OpaqueRef:master', new Map([['server', 's']]), 'nfs', new Map([['x', 'y']])]);
  });

  it('of the new kind shows SRs, then places for new ones, then what is incomplete, the last found first', async () => {
    const finding = (name: string, complete: boolean, sr?: RecordVersion<'sr_stat'>) =>
      new RecordVersion('probe_result', {
        configuration: new Map([
          ['device', name],
          ['lun', '0'],
        ]),
        complete,
        sr,
        extra_info: new Map(),
      });
    const stat = (uuid: string | undefined) =>
      new RecordVersion('sr_stat', {
        uuid,
        name_label: 'old',
        name_description: '',
        free_space: 1,
        total_space: 2,
        clustered: false,
        health: 'healthy',
      });
    const found = [
      finding('a', false),
      finding('b', true, stat('u')),
      finding('c', true),
      finding('d', true, stat(undefined)),
      finding('e', true),
    ];
    const { api } = scriptedApi({ ...pool(1), 'SR.probe_ext': found });
    const out = await runCommand(api, command('sr-probe-ext'), 'type=x');
    const details = (what: string, device: string) =>
      `${what} configuration:\ndevice    : ${device}\n       lun: 0\n\n\n${what} extra information:\n\n\n\n`;
    const space =
      '         total-space: 2\n          free-space: 1\n           clustered: false\n              health: healthy\n\n\n';
    expect(out).toBe(
      [
        'Storage repositories:\n',
        'SR 0:\n',
        `name-label          : old\n    name-description: \n${space}`,
        details('SR 0', 'd'),
        'SR 1:\n',
        `uuid                : u\n          name-label: old\n    name-description: \n${space}`,
        details('SR 1', 'b'),
        'Configurations for new SRs:\n',
        details('Place 0', 'e'),
        details('Place 1', 'c'),
        'Incomplete configurations, which may lead to SRs:\n',
        details('Place 0', 'a'),
      ].join(''),
    );
    // A table of one record without fields leaves nothing.
    expect(await runCommand(api, command('sr-probe-ext'), 'type=x', '--minimal')).toBe('a,c,e,b,u,d,old\n');
    expect(await runCommand(scriptedApi({ ...pool(1), 'SR.probe_ext': [] }).api, command('sr-probe-ext'), 'type=x')).toBe('');
  });
});
