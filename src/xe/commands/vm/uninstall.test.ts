import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import type { Ref } from '../../../model/ref.js';
import { CommandExit } from '../../failure.js';
import { type ClientTalents, startCommand } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { uninstallCommands } from './uninstall.js';

const UUID = '5a0c0b1e-0000-4000-8000-000000000001';

let f: PoolFixture;
let vm: Ref<'VM'>;
let vdi: Ref<'VDI'>;

beforeEach(async () => {
  f = await poolFixture({ vms: [vmPlan(UUID, { name: 'one' })] });
  vm = f.vm('one');
  const disk = f.db.get('VM', vm).VBDs.find((vbd) => f.db.get('VBD', vbd).type === 'Disk');
  if (!disk) throw new Error('the VM has no disk');
  f.db.set('VBD', disk, { other_config: new Map([['owner', '']]) });
  vdi = f.db.get('VBD', disk).VDI;
});

afterEach(() => f.close());

const run = (words: string[], talents?: ClientTalents) =>
  startCommand(fixtureApi(f.api), uninstallCommands, ['vm-uninstall', ...words], talents);

const listing = () => {
  const { uuid, name_label } = f.db.get('VDI', vdi);
  return `These objects will be destroyed:\nVM : ${UUID} (one)\nVDI: ${uuid} (${name_label})`;
};

describe('vm-uninstall', () => {
  it('destroys what it has listed once the user has agreed', async () => {
    const before = listing();
    const { client, done } = run(['vm=one'], { prompt: () => Promise.resolve(' YES\r') });
    await done;
    expect(client.out).toBe(`${before}\nType 'yes' to continue\nAll objects destroyed\n`);
    expect([f.db.exists('VM', vm), f.db.exists('VDI', vdi)]).toEqual([false, false]);
  });

  it('leaves everything as it is when the user types anything else', async () => {
    const { client, done } = run(['vm=one'], { prompt: () => Promise.resolve('Yes please ') });
    await expect(done).rejects.toEqual(new CommandExit(0));
    expect(client.out).toBe(`${listing()}\nType 'yes' to continue\nAborted (you typed: 'Yes please')\n`);
    expect([f.db.exists('VM', vm), f.db.exists('VDI', vdi)]).toEqual([true, true]);
  });

  it('lists first and looks at the value of force then', async () => {
    const { client, done } = run(['vm=one', 'force=maybe']);
    await expect(done).rejects.toThrow("Failed to parse parameter 'force'");
    expect(client.out).toBe(`${listing()}\n`);
    expect(f.db.exists('VM', vm)).toBe(true);
  });

  it('leaves disks that are not marked as its own', async () => {
    for (const vbd of f.db.get('VM', vm).VBDs) f.db.set('VBD', vbd, { other_config: new Map() });
    const { client, done } = run(['vm=one', 'force=true']);
    await done;
    expect(client.out).not.toContain('VDI:');
    expect(f.db.exists('VDI', vdi)).toBe(true);
  });

  it('takes snapshots with their memory along, and the running VM too', async () => {
    const api = fixtureApi(f.api);
    await api.call('VM', 'start', vm, false, false);
    const snapshot = await api.call('VM', 'checkpoint', vm, 'point');
    const memory = f.db.get('VM', snapshot).suspend_VDI;
    expect(f.db.exists('VDI', memory)).toBe(true);
    const { client, done } = run(['vm=one', 'force=true']);
    await done;
    expect(client.out).toContain(`VM : ${UUID} (one)`);
    expect(client.out.match(/^(?:VM |VDI): /gm)).toEqual(['VM : ', 'VDI: ', 'VM : ', 'VDI: ', 'VDI: ']);
    expect(client.out.endsWith('All objects destroyed\n')).toBe(true);
    expect([f.db.exists('VM', vm), f.db.exists('VM', snapshot), f.db.exists('VDI', memory)]).toEqual([false, false, false]);
  });
});
