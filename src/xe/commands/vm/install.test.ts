import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture } from '../../../api/testing/pool-fixture.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import { formatProvision } from '../../../model/templates/provision.js';
import { formatRecommendations } from '../../../model/templates/recommendations.js';
import { MissingParameter } from '../../failure.js';
import { commandOutput } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { installCommands } from './install.js';

const GIB = 2 ** 30;

let f: PoolFixture;
let template: Ref<'VM'>;

beforeEach(async () => {
  f = await poolFixture();
  const [found] = f.db.filter('VM', ({ is_a_template, other_config }) => is_a_template && other_config.has('disks'));
  if (!found) throw new Error('there is no template');
  template = found[0];
  f.db.set('VM', template, {
    name_label: 'mine',
    other_config: new Map([
      ['disks', formatProvision([{ device: '0', size: GIB, sr: '', bootable: true, type: 'system' }])],
      ['kept', 'yes'],
    ]),
  });
});

afterEach(() => f.close());

async function install(...words: string[]) {
  const out = await commandOutput(fixtureApi(f.api), installCommands, ['vm-install', 'new-name-label=new', ...words]);
  const ref = f.db.table('VM').refsByUuid.get(out.trim());
  if (ref === undefined) throw new Error(`${out} is no uuid`);
  return f.db.get('VM', ref as Ref<'VM'>);
}

const srNamed = (name: string) => f.db.filter('SR', ({ name_label }) => name_label === name)[0]?.[0] ?? NULL_REF;
const newVms = () => f.db.filter('VM', ({ name_label }) => name_label === 'new').length;

function placeOf(vm: { readonly VBDs: readonly Ref<'VBD'>[] }): Ref<'SR'>[] {
  return vm.VBDs.map((vbd) => f.db.get('VDI', f.db.get('VBD', vbd).VDI).SR);
}

describe('vm-install', () => {
  it('makes a VM with its disks in the default SR', async () => {
    const vm = await install('template=mine', 'new-name-description=ignored');
    expect(vm).toMatchObject({ name_label: 'new', is_a_template: false, suspend_SR: srNamed('NFS') });
    expect(vm.name_description).not.toContain('ignored');
    expect(placeOf(vm)).toEqual([srNamed('NFS')]);
    expect(vm.other_config.get('kept')).toBe('yes');
  });

  it('makes them in the SR that is named', async () => {
    const local = srNamed('Local storage');
    expect(placeOf(await install('template=mine', 'sr-name-label=Local storage'))).toEqual([local]);
    const vm = await install('template=mine', `sr-uuid=${f.db.get('SR', local).uuid}`);
    expect(placeOf(vm)).toEqual([local]);
    expect(vm.suspend_SR).toBe(local);
  });

  it('takes a template by uuid, and by each spelling of its name', async () => {
    const { uuid } = f.db.get('VM', template);
    for (const words of [`template=${uuid}`, `template-uuid=${uuid}`, 'template-name=mine', 'template-name-label=mine'])
      expect((await install(words)).name_label).toBe('new');
  });

  it('refuses what is no template, or several, or nothing', async () => {
    const api = fixtureApi(f.api);
    await expect(install('template=nobody')).rejects.toThrow('No template has the name nobody');
    await expect(install('template-uuid=nobody')).rejects.toMatchObject({ code: 'UUID_INVALID' });
    await expect(install()).rejects.toEqual(new MissingParameter('template'));
    const plain = await install('template=mine');
    await expect(install(`template=${plain.uuid}`)).rejects.toThrow('is no template');
    await api.call('VM', 'clone', template, 'mine');
    await expect(install('template=mine')).rejects.toThrow('Several templates');
  });

  it('does not move the disks of a snapshot', async () => {
    const snapshot = await fixtureApi(f.api).call(
      'VM',
      'snapshot',
      f.db.table('VM').refsByUuid.get((await install('template=mine')).uuid) as Ref<'VM'>,
      's',
      [],
    );
    const { uuid } = f.db.get('VM', snapshot);
    await expect(install(`template=${uuid}`, 'sr-name-label=NFS')).rejects.toThrow('Disks of a snapshot');
    expect((await install(`template=${uuid}`)).is_a_template).toBe(false);
  });

  it('leaves nothing behind when it fails', async () => {
    for (const [ref] of f.db.all('pool')) f.db.set('pool', ref, { default_SR: NULL_REF });
    await expect(install('template=mine')).rejects.toThrow('no default SR');
    await expect(install('template=mine', 'sr-name-label=nowhere')).rejects.toThrow('No SR has the name nowhere');
    f.db.set('VM', template, { other_config: new Map([['disks', '<disks']]) });
    await expect(install('template=mine', 'sr-name-label=NFS')).rejects.toThrow('cannot be read');
    expect(newVms()).toBe(0);
  });

  it('gives the device for drivers where template and pool agree', async () => {
    f.db.set('VM', template, { recommendations: formatRecommendations([{ field: 'has-vendor-device', value: 'true' }]) });
    expect((await install('template=mine')).has_vendor_device).toBe(true);
    for (const [ref] of f.db.all('pool')) f.db.set('pool', ref, { policy_no_vendor_device: true });
    expect((await install('template=mine')).has_vendor_device).toBe(false);
  });
});
