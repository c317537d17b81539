import { v4 } from 'uuid';
import { afterEach, describe, expect, it } from 'vitest';
import { classModels } from '../../model/class-model.js';
import { isNullRef } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';

let f: PoolFixture | undefined;
afterEach(async () => {
  await f?.close();
  f = undefined;
});

async function pool(given: Parameters<typeof poolFixture>[0]): Promise<PoolFixture> {
  f = await poolFixture(given);
  return f;
}

/** References of all objects that lead nowhere, weak ones apart. */
function dangling({ db }: PoolFixture): string[] {
  const found: string[] = [];
  for (const model of classModels) {
    if (model.schema.storage === 'none') continue;
    for (const [ref, row] of db.table(model.name).rows)
      for (const { name, type, schema } of model.wireFields) {
        const value = (row.version.fields as Record<string, unknown>)[name];
        const target = type.kind === 'set' ? type.of : type;
        if (target.kind !== 'ref' || schema.weak) continue;
        for (const to of (type.kind === 'set' ? value : [value]) as string[])
          if (!isNullRef(to) && !db.exists(target.name as ClassName, to)) found.push(`${model.name}.${name} of ${ref} -> ${to}`);
      }
  }
  return found;
}

describe('createPool', () => {
  it('makes what clients read without a check, for each host', async () => {
    const { db, pool: made } = await pool({ hosts: 2 });
    const [poolRecord] = [...db.all('pool')];
    expect(poolRecord?.[1]).toMatchObject({ name_label: 'pool', master: made.master, tls_verification_enabled: true });
    expect(poolRecord?.[1].restrictions.get('restrict_zstd_export')).toBe('false');
    expect(poolRecord?.[1].cpu_info.get('cpu_count')).toBe('8');
    expect(db.get('SR', poolRecord?.[1].default_SR ?? '').name_label).toBe('NFS');
    expect(db.table('host').rows.size).toBe(2);
    for (const [ref, host] of db.all('host')) {
      expect(host.other_config.get('boot_time')).toMatch(/^\d+\.$/);
      expect(host.other_config.get('agent_start_time')).toMatch(/^\d+\.$/);
      expect(host.cpu_info.get('cpu_count')).toBe('4');
      expect(host.cpu_info.get('vendor')).toBe('GenuineIntel');
      expect(host.license_params.get('expiry')).toMatch(/^\d{8}T[\d:]{8}Z$/);
      expect(host.host_CPUs).toHaveLength(4);
      expect(db.get('host_metrics', host.metrics)).toMatchObject({ live: true, memory_total: 64 * 2 ** 30 });
      expect(db.get('SR', host.suspend_image_sr).name_label).toBe('Local storage');
      const dom0 = db.get('VM', host.control_domain);
      expect(dom0).toMatchObject({ is_control_domain: true, domid: 0, power_state: 'Running', resident_on: ref });
      expect(dom0.name_label).toBe(`Control domain on host: ${host.name_label}`);
      expect(host.resident_VMs).toContain(host.control_domain);
      const pifs = host.PIFs.map((pif) => db.get('PIF', pif));
      expect(pifs.map(({ device, VLAN, physical }) => [device, VLAN, physical])).toEqual([
        ['eth0', -1, true],
        ['eth1', -1, true],
      ]);
      const [management, other] = pifs;
      expect(management).toMatchObject({ management: true, IP: host.address, ip_configuration_mode: 'DHCP' });
      expect(other).toMatchObject({ management: false, IP: '', ip_configuration_mode: 'None' });
      expect(pifs.map(({ metrics }) => db.get('PIF_metrics', metrics).carrier)).toEqual([true, false]);
      expect(db.get('PCI', management?.PCI ?? '').pci_id).toBe(db.get('PIF_metrics', management?.metrics ?? '').pci_bus_path);
    }
  });

  it('makes one network for the cards of a name, and the one inside the hosts', async () => {
    const { db } = await pool({ hosts: 2 });
    const networks = [...db.all('network')].map(([, n]) => [n.bridge, n.name_label, n.PIFs.length]);
    expect(networks).toEqual([
      ['xenbr0', 'Pool-wide network associated with eth0', 2],
      ['xenbr1', 'Pool-wide network associated with eth1', 2],
      ['xenapi', 'Host internal management network', 0],
    ]);
  });

  it('attaches a shared SR to all hosts, others to one each', async () => {
    const { db } = await pool({ hosts: 2 });
    const srs = [...db.all('SR')].map(([, sr]) => [sr.name_label, sr.shared, sr.PBDs.length]);
    expect(srs.sort()).toEqual([
      ['DVD drives', false, 1],
      ['DVD drives', false, 1],
      ['Local storage', false, 1],
      ['Local storage', false, 1],
      ['NFS', true, 2],
      ['Removable storage', false, 1],
      ['Removable storage', false, 1],
      ['XCP-ng Tools', true, 2],
    ]);
    for (const [, pbd] of db.all('PBD')) expect(pbd.currently_attached).toBe(true);
    const [tools] = db.filter('SR', (sr) => sr.is_tools_sr);
    const isos = tools?.[1].VDIs.map((vdi) => db.get('VDI', vdi)) ?? [];
    expect(isos.map(({ name_label, is_tools_iso, read_only }) => [name_label, is_tools_iso, read_only])).toEqual([
      ['guest-tools.iso', true, true],
    ]);
    expect([...db.all('SM')].map(([, sm]) => sm.type)).toContain('nfs');
  });

  it('gives each GPU a group of its kind, and each USB device a group of its own', async () => {
    const { db } = await pool({ hosts: 2 });
    const kinds = new Set(db.filter('PCI', (pci) => pci.class_id.startsWith('03')).map(([, pci]) => pci.device_id));
    expect(db.table('GPU_group').rows.size).toBe(kinds.size);
    for (const [, group] of db.all('GPU_group')) expect(group.PGPUs).toHaveLength(2);
    expect(db.table('VGPU_type').rows.size).toBe(1);
    expect(db.table('USB_group').rows.size).toBe(db.table('PUSB').rows.size);
  });

  it('makes the VMs of the plan and brings them into their states', async () => {
    const states = ['Halted', 'Running', 'Paused', 'Suspended'] as const;
    const plans = states.map((power, host) => vmPlan(v4(), { name: power, power, host }));
    const fixture = await pool({ hosts: 2, vms: plans });
    const { db } = fixture;
    const hosts = fixture.pool.hosts.map(([ref]) => ref);
    for (const [i, power] of states.entries()) {
      const vm = db.get('VM', fixture.vm(power));
      expect(vm).toMatchObject({ power_state: power, uuid: plans[i]?.uuid, reference_label: 'debian-12' });
      const lives = power === 'Running' || power === 'Paused';
      expect(vm.domid >= 0).toBe(lives);
      expect(vm.consoles).toHaveLength(lives ? 1 : 0);
      if (lives) expect(vm.resident_on).toBe(hosts[i % 2]);
      expect(vm.platform.get('cores-per-socket')).toBe('1');
      expect(vm.other_config.get('base_template_name')).toBe('Debian Bookworm 12');
      expect(vm.other_config.has('disks')).toBe(false);
      const drives = vm.VBDs.map((vbd) => db.get('VBD', vbd));
      const shown = drives.map(({ type, userdevice, empty, currently_attached }) => [
        type,
        userdevice,
        empty,
        currently_attached,
      ]);
      expect(shown).toEqual([
        ['Disk', '0', false, power !== 'Halted'],
        ['CD', '3', true, power !== 'Halted'],
      ]);
      expect(vm.VIFs).toHaveLength(1);
    }
    const suspended = db.get('VM', fixture.vm('Suspended'));
    expect(db.get('VDI', suspended.suspend_VDI).type).toBe('suspend');
    expect(db.table('message').rows.size).toBe(0);
    expect(dangling(fixture)).toEqual([]);
  });

  it('keeps roles out of the store', async () => {
    const fixture = await pool({});
    await fixture.db.durable();
    const classes = new Set([...fixture.contents.rows.values()].map(({ className }) => className));
    expect(classes.has('role')).toBe(false);
    expect(classes.has('VM')).toBe(true);
    expect(fixture.db.table('role').rows.size).toBeGreaterThan(2000);
  });
});

describe('continuePool', () => {
  it('finds everything again, running VMs with the same domain, and changes no more than it must', async () => {
    const plans = (['Running', 'Suspended', 'Halted'] as const).map((power) => vmPlan(v4(), { name: power, power }));
    let fixture = await pool({ hosts: 2, vms: plans });
    const before = fixture.db.get('VM', fixture.vm('Running'));
    const sizes = () => [...fixture.db.tables()].map((t) => `${t.model.name} ${t.rows.size}`);
    const counts = sizes();
    fixture = await fixture.restart();
    f = fixture;
    const { allowed_operations: _now, ...after } = fixture.db.get('VM', fixture.vm('Running'));
    expect(before).toMatchObject(after);
    expect(fixture.db.get('VM', fixture.vm('Suspended')).power_state).toBe('Suspended');
    expect(sizes()).toEqual(counts);
    expect(dangling(fixture)).toEqual([]);
  });

  it('writes what a host is now over what it was', async () => {
    let fixture = await pool({});
    const { master } = fixture.pool;
    fixture.db.set('host', master, { address: '203.0.113.9', software_version: new Map() });
    const [cpu] = fixture.db.get('host', master).host_CPUs;
    fixture.db.destroy('host_cpu', cpu ?? '');
    fixture = await fixture.restart();
    f = fixture;
    const host = fixture.db.get('host', master);
    expect(host.address).not.toBe('203.0.113.9');
    expect(host.software_version.get('product_brand')).toBe('XCP-ng');
    expect(host.host_CPUs).toHaveLength(4);
  });
});
