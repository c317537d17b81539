import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { Command, CommandContext, Selector } from '../command.js';
import { CommandExit } from '../failure.js';
import { MinimalPrinter, PlainPrinter } from '../printer.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { RecordingClient } from '../testing/recording-client.js';
import { parametersOf } from '../testing/run-command.js';
import { onHosts, selectHosts } from './hosts.js';
import { onSrs } from './srs.js';
import { onVms, selectVms } from './vms.js';

let fixture: ApiFixture;
let client: RecordingClient;

beforeEach(async () => {
  fixture = await apiFixture();
  client = new RecordingClient();
  const { db } = fixture.api;
  for (const name of ['alpha', 'beta', 'beta'])
    db.create('VM', { name_label: name, name_description: 'mine', power_state: 'Halted', tags: [name] });
  db.create('VM', { name_label: 'template', is_a_template: true });
  db.create('VM', { name_label: 'dom0', is_control_domain: true });
});

function context(selectors: Selector, ...words: string[]): CommandContext {
  const command: Command = {
    name: 'do',
    required: ['device'],
    optional: ['mode', 'args:'],
    undeclared: ['progress'],
    selectors,
    description: '',
    run: () => undefined,
  };
  const parameters = parametersOf(...words);
  const printer = parameters.has('minimal') ? new MinimalPrinter(client) : new PlainPrinter(client);
  return { api: fixtureApi(fixture.api), parameters, printer, client, command };
}

const names = async (...words: string[]) =>
  (await selectVms(context('vm', ...words))).map(({ record }) => record.fields.name_label);

describe('a VM selector', () => {
  it('takes all VMs when nothing is said, templates and control domains apart', async () => {
    expect(await names()).toEqual(['alpha', 'beta', 'beta']);
    const others = await selectVms(context('vm'), { templates: true, controlDomains: true });
    expect(others.map(({ record }) => record.fields.name_label)).toEqual(['alpha', 'beta', 'beta', 'template', 'dom0']);
  });

  it('takes a name or a uuid', async () => {
    const [vm] = await selectVms(context('vm', 'vm=alpha'));
    expect(await names(`vm=${vm?.record.fields.uuid}`)).toEqual(['alpha']);
    expect(await names('vm=beta')).toEqual(['beta', 'beta']);
    expect(await names('vm=gamma')).toEqual([]);
  });

  it('takes fields, all of which must fit', async () => {
    expect(await names('name-description=mine', 'tags:contains=alpha')).toEqual(['alpha']);
    expect(await names('name-description=mine', 'power-state=running')).toEqual([]);
  });

  it('leaves the parameters of the command and the standard ones alone', async () => {
    expect(await names('device=0', 'mode=RO', 'args:x=1', 'progress=true', '--force', 'message-priority=3', 'vm=alpha')).toEqual([
      'alpha',
    ]);
  });

  it('complains of a field that is none, as long as there is something to test', async () => {
    await expect(names('nonsense=1')).rejects.toThrow("Unknown field 'nonsense'");
    expect(await names('vm=gamma', 'nonsense=1')).toEqual([]);
  });
});

describe('the number of VMs', () => {
  const uuids = (...words: string[]) => onVms(context('vm', ...words), ({ record }) => record.fields.name_label);

  it('none is an error', async () => {
    await expect(uuids('vm=gamma')).rejects.toThrow('No matching VMs found');
    await expect(uuids('vm=gamma', '--multiple')).rejects.toThrow('No matching VMs found');
  });

  it('several must be asked for', async () => {
    await expect(uuids()).rejects.toThrow('Multiple matches VMs found. --multiple required to complete the operation');
    await expect(uuids('multiple=no')).rejects.toThrow('--multiple required');
    expect(await uuids('multiple=yes')).toEqual(['alpha', 'beta', 'beta']);
  });

  it('may be one alone', async () => {
    const one = onVms(context('vm', '--multiple'), () => undefined, { single: true });
    await expect(one).rejects.toThrow('Multiple matches VMs found. Operation can only be performed on one VM at a time');
  });
});

describe('failures among several', () => {
  it('are told at the end, the last one first, and leave no result', async () => {
    const outcome = onVms(context('vm', '--multiple'), (vm) => {
      if (vm.record.fields.name_label === 'beta') throw new ApiError('VM_BAD_POWER_STATE', vm.ref, 'running', 'halted');
      return vm.ref;
    });
    await expect(outcome).rejects.toBeInstanceOf(CommandExit);
    const betas = (await selectVms(context('vm', 'vm=beta'))).map(({ record }) => record.fields.uuid).reverse();
    const lines = client.out.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^operation failed on ${betas[0]}: .+\\.$`));
    expect(lines.slice(1, 4)).toEqual([`vm: ${betas[0]} (beta)`, 'expected: running', 'actual: halted']);
    expect(lines[4]).toMatch(`operation failed on ${betas[1]}: `);
    expect(client.err).toBe('');
  });

  it('of one alone are simply thrown', async () => {
    const outcome = onVms(context('vm', 'vm=alpha'), () => Promise.reject(new ApiError('VM_BAD_POWER_STATE')));
    await expect(outcome).rejects.toBeInstanceOf(ApiError);
    expect(client.out).toBe('');
  });
});

describe('messages', () => {
  const alarm = (priority: number) => async (vm: { record: { fields: { uuid: string } } }) => {
    await fixture.call('message.create', 'ALARM', priority, 'VM', vm.record.fields.uuid, 'text');
  };

  it('of work on a VM are told when they matter enough', async () => {
    await onVms(context('vm', 'vm=alpha'), alarm(4));
    expect(client.err).toMatch(/^Message: time=\d{8}T\d\d:\d\d:\d\dZ priority=4 name='ALARM'\n\n$/);
    client = new RecordingClient();
    await onVms(context('vm', 'vm=beta', '--multiple'), alarm(5));
    expect(client.err).toBe('');
    await onVms(context('vm', 'vm=alpha', '--minimal'), alarm(1));
    expect(client.err).toBe('');
  });

  it('have a bound that can be set', async () => {
    await onVms(context('vm', 'vm=alpha', 'message-priority=6'), alarm(5));
    expect(client.err).toContain('priority=5');
  });
});

describe('hosts and SRs', () => {
  it('have names of their own', async () => {
    const { db } = fixture.api;
    expect(await selectHosts(context('host', 'host=one'))).toHaveLength(1);
    expect(await selectHosts(context('host', 'host=host one'))).toHaveLength(1);
    await expect(onHosts(context('host', 'host=two'), () => undefined)).rejects.toThrow('No matching hosts found');
    db.create('host', { name_label: 'host two' });
    await expect(onHosts(context('host'), () => undefined)).rejects.toThrow('Multiple matching hosts found. --multiple required');
    await expect(onSrs(context('sr', 'sr=x'), () => undefined)).rejects.toThrow('No matching hosts found');
    for (const name of ['disks', 'disks']) db.create('SR', { name_label: name });
    await expect(onSrs(context('sr', 'sr=disks'), () => undefined, { single: true })).rejects.toThrow(
      'Multiple matching SRs found. Operation can only be performed on one SR at a time',
    );
    expect(await onSrs(context('sr', '--multiple'), ({ record }) => record.fields.name_label)).toEqual(['disks', 'disks']);
  });
});
