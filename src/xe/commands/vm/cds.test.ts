import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import type { Ref } from '../../../model/ref.js';
import { commandOutput } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { cdCommands } from './cds.js';
import { diskListCommands } from './disk-list.js';

const UUID = '5a0c0b1e-0000-4000-8000-000000000001';

let f: PoolFixture;
let iso: Ref<'VDI'>;

beforeEach(async () => {
  f = await poolFixture({ vms: [vmPlan(UUID, { name: 'one', disks: [], cd: false })] });
  iso = f.db.create('VDI', { name_label: 'cd.iso', SR: srFor('iso'), read_only: true, managed: true });
  f.db.create('VDI', { name_label: 'disk', SR: srFor('user'), managed: true });
});

afterEach(() => f.close());

function srFor(content: string): Ref<'SR'> {
  const [found] = f.db.filter('SR', ({ content_type }) => content_type === content);
  if (!found) throw new Error(`no SR for ${content}`);
  return found[0];
}

const run = (...words: string[]) => commandOutput(fixtureApi(f.api), [...cdCommands, ...diskListCommands], words);
const drives = () =>
  f.db.get('VM', f.vm('one')).VBDs.map((vbd) => {
    const { userdevice, type, mode, empty, VDI } = f.db.get('VBD', vbd);
    return { userdevice, type, mode, inside: empty ? 'nothing' : f.db.get('VDI', VDI).name_label };
  });

describe('CD drives', () => {
  it('come with a CD, which goes out and in again', async () => {
    expect(await run('vm-cd-add', 'vm=one', 'cd-name=cd.iso', 'device=3')).toBe('');
    expect(drives()).toEqual([{ userdevice: '3', type: 'CD', mode: 'RO', inside: 'cd.iso' }]);
    await run('vm-cd-eject', 'vm=one');
    expect(drives()).toMatchObject([{ inside: 'nothing' }]);
    await run('vm-cd-insert', 'vm=one', 'cd-name=cd.iso');
    expect(drives()).toMatchObject([{ inside: 'cd.iso' }]);
    await expect(run('vm-cd-insert', 'vm=one', 'cd-name=cd.iso')).rejects.toMatchObject({
      code: 'VM_NO_EMPTY_CD_VBD',
      params: [f.vm('one')],
    });
  });

  it('are removed by the CD in them, or as empty ones', async () => {
    await run('vm-cd-add', 'vm=one', 'cd-name=cd.iso', 'device=3');
    await expect(run('vm-cd-remove', 'vm=one', 'cd-name=<EMPTY>')).rejects.toThrow('no drive with the CD <EMPTY>');
    await run('vm-cd-eject', 'vm=one');
    await expect(run('vm-cd-remove', 'vm=one', 'cd-name=cd.iso')).rejects.toThrow('no drive with the CD cd.iso');
    await run('vm-cd-remove', 'vm=one', 'cd-name=<EMPTY>');
    expect(drives()).toEqual([]);
  });

  it('have to be one, where nothing says which', async () => {
    await expect(run('vm-cd-eject', 'vm=one')).rejects.toThrow('The VM has no CD drive');
    for (const device of [1, 3]) await run('vm-cd-add', 'vm=one', 'cd-name=cd.iso', `device=${device}`).catch(() => undefined);
    expect(drives()).toHaveLength(2);
    await expect(run('vm-cd-eject', 'vm=one')).rejects.toThrow('vbd-eject');
    for (const vbd of f.db.get('VM', f.vm('one')).VBDs) await fixtureApi(f.api).call('VBD', 'eject', vbd);
    await expect(run('vm-cd-insert', 'vm=one', 'cd-name=cd.iso')).rejects.toThrow('vbd-insert');
  });

  it('take images of SRs for CDs only', async () => {
    for (const name of ['nothing', 'disk'])
      await expect(run('vm-cd-add', 'vm=one', `cd-name=${name}`, 'device=3')).rejects.toThrow(`no CD with the name ${name}`);
    expect(drives()).toEqual([]);
  });

  it('are listed with what is in them', async () => {
    await run('vm-cd-add', 'vm=one', 'cd-name=cd.iso', 'device=3');
    const full = await run('vm-cd-list', 'vm=one', 'vbd-params=userdevice', 'vdi-params=name-label,uuid');
    expect(full).toBe(
      `CD 0 VBD:\nuserdevice ( RW)    : 3\n\n\nCD 0 VDI:\nuuid ( RO)          : ${f.db.get('VDI', iso).uuid}\n    name-label ( RW): cd.iso\n\n\n`,
    );
    await run('vm-cd-eject', 'vm=one');
    const empty = await run('vm-cd-list', 'vm=one');
    expect(empty).toContain('empty ( RO): true\n');
    expect(empty).not.toContain('VDI:');
    expect(await run('vm-disk-list', 'vm=one')).toBe('');
  });
});
