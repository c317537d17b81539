import { expect, it } from 'vitest';
import { PASSWORD } from '../test-support/daemon.js';
import { ANSIBLE, type AnsibleResult, type AnsibleTask, ansible } from './support/ansible.js';
import { testPool } from './support/pool.js';
import { describeWith, FENCE_MODULES } from './support/program.js';

// The modules xenserver_* of community.general, as Debian's ansible brings them. They judge what is to be done from
// records, so what they set has to be read back unchanged. The tests build on each other, as the plays of a site do.
const pool = testPool({ emulate: 'hosts=1,vms=2,networks=2' });
const GIB = 2 ** 30;
const NETWORKS = ['Pool-wide network associated with eth0', 'Pool-wide network associated with eth1'];

function task(module: string, params: Record<string, unknown>, check = false): AnsibleTask {
  return { module, params: { hostname: pool.daemon.http, username: 'root', password: PASSWORD, ...params }, check };
}

const guest = (params: Record<string, unknown>, check = false) => task('xenserver_guest', params, check);
const power = (state: string, params: Record<string, unknown> = { name: 'web' }) =>
  task('xenserver_guest_powerstate', { state, ...params });
const info = (params: Record<string, unknown> = { name: 'web' }) => task('xenserver_guest_info', params);

/** Runs tasks that must not fail. */
async function run(...tasks: readonly AnsibleTask[]): Promise<readonly AnsibleResult[]> {
  const results = await ansible(tasks);
  for (const { failed, msg } of results) if (failed) throw new Error(msg);
  return results;
}

async function one(single: AnsibleTask): Promise<AnsibleResult> {
  const [result = {}] = await run(single);
  return result;
}

const web = {
  name: 'web',
  name_desc: 'made by a play',
  template: 'Debian Bookworm 12',
  folder: '/servers/web',
  hardware: { num_cpus: 2, num_cpu_cores_per_socket: 2, memory_mb: 2048 },
  disks: [{ size_gb: 10, name: 'web-root', name_desc: 'system' }, { size_gb: 1 }],
  networks: [{ name: NETWORKS[0], mac: 'aa:bb:dd:aa:00:14' }],
  custom_params: [{ key: 'HVM_boot_params', value: { order: 'ndc' } }],
};

describeWith(ANSIBLE, `${FENCE_MODULES}/XenAPI.py`)('xenserver modules of Ansible', () => {
  it('say in check mode what they would do, and do nothing', async () => {
    expect(await one(guest(web, true))).toMatchObject({ changed: true });
    expect(await pool.rpc.call('VM.get_by_name_label', 'web')).toEqual([]);
  });

  it('make a VM from a template, once', async () => {
    const [made, again] = await run(guest(web), guest(web));
    expect(made).toMatchObject({
      changed: true,
      instance: {
        name: 'web',
        name_desc: 'made by a play',
        state: 'poweredoff',
        is_template: false,
        folder: '/servers/web',
        hardware: { num_cpus: 2, num_cpu_cores_per_socket: 2, memory_mb: 2048 },
        disks: [
          { name: 'web-root', size: 10 * GIB, vbd_userdevice: '0' },
          { size: GIB, vbd_userdevice: '1' },
        ],
        networks: [{ name: NETWORKS[0], mac: 'aa:bb:dd:aa:00:14', vif_device: '0' }],
      },
    });
    expect(again).toMatchObject({ changed: false, instance: { uuid: made?.instance?.uuid } });
    const vm = await pool.find('VM', 'web');
    expect(await pool.rpc.call('VM.get_HVM_boot_params', vm)).toEqual({ order: 'ndc' });
    expect(await pool.rpc.call('VM.get_is_a_template', vm)).toBe(false);
  });

  it('gather facts by name and by uuid', async () => {
    const vm = await pool.find('VM', 'web');
    const uuid = String(await pool.rpc.call('VM.get_uuid', vm));
    const [byName, byUuid] = await run(info(), info({ uuid }));
    expect(byName?.instance).toEqual(byUuid?.instance);
    expect(byName?.instance).toMatchObject({ uuid, platform: await pool.rpc.call('VM.get_platform', vm) });
    expect(byName?.instance?.networks[0]).toMatchObject({ name: NETWORKS[0], mac: 'aa:bb:dd:aa:00:14' });
  });

  it('bring a VM into every power state, once', async () => {
    const states = [
      'powered-on',
      'powered-on',
      'suspended',
      'powered-on',
      'restarted',
      'reboot-guest',
      'shutdown-guest',
      'powered-on',
      'powered-off',
    ];
    const results = await run(...states.map((state) => power(state)));
    expect(results.map(({ changed, instance }) => [changed, instance?.state])).toEqual([
      [true, 'poweredon'],
      [false, 'poweredon'],
      [true, 'suspended'],
      [true, 'poweredon'],
      [true, 'poweredon'],
      [true, 'poweredon'],
      [true, 'poweredoff'],
      [true, 'poweredon'],
      [true, 'poweredoff'],
    ]);
    expect(await pool.rpc.call('VM.get_power_state', await pool.find('VM', 'web'))).toBe('Halted');
  });

  it('wait for the address that the guest tools tell', async () => {
    const [started] = await run(
      task('xenserver_guest_powerstate', {
        name: 'web',
        state: 'powered-on',
        wait_for_ip_address: true,
        state_change_timeout: 20,
      }),
    );
    expect(started?.instance?.networks[0]?.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('refuse to change a running VM unless forced, and change it then', async () => {
    const hardware = { num_cpus: 4, num_cpu_cores_per_socket: 1, memory_mb: 3072 };
    const [refused] = await ansible([guest({ name: 'web', hardware })]);
    expect(refused).toMatchObject({ failed: true, msg: expect.stringContaining('powered off') });
    const [changed, again] = await run(guest({ name: 'web', hardware, force: true }), guest({ name: 'web', hardware }));
    expect(changed).toMatchObject({ changed: true, instance: { state: 'poweredon', hardware } });
    expect(again).toMatchObject({ changed: false });
    const vm = await pool.find('VM', 'web');
    expect(await pool.rpc.call('VM.get_record', vm)).toMatchObject({
      memory_static_max: 3 * GIB,
      memory_dynamic_min: 3 * GIB,
      VCPUs_max: 4,
      VCPUs_at_startup: 4,
    });
  });

  it('plug a disk and a NIC into a running VM', async () => {
    const disks = [...web.disks, { size_gb: 3, name: 'web-data' }];
    const networks = [{ name: NETWORKS[0] }, { name: NETWORKS[1] }];
    const [changed, again] = await run(guest({ name: 'web', disks, networks }), guest({ name: 'web', disks, networks }));
    expect(changed).toMatchObject({
      changed: true,
      instance: { disks: [{}, {}, { name: 'web-data', size: 3 * GIB, vbd_userdevice: '2' }] },
    });
    expect(changed?.instance?.networks.map(({ name }) => name)).toEqual(NETWORKS);
    expect(again).toMatchObject({ changed: false });
    const vm = await pool.find('VM', 'web');
    for (const className of ['VBD', 'VIF']) {
      for (const device of await pool.rpc.call<string[]>(`VM.get_${className}s`, vm)) {
        expect(await pool.rpc.call(`${className}.get_currently_attached`, device)).toBe(true);
      }
    }
  });

  it('resize and rename disks and move a NIC to another network', async () => {
    const disks = [{ size_gb: 12, name: 'web-system' }, {}, {}];
    const networks = [{ name: NETWORKS[1] }, {}];
    const [, changed, again] = await run(
      power('powered-off'),
      guest({ name: 'web', disks, networks }),
      guest({ name: 'web', disks, networks }),
    );
    expect(changed).toMatchObject({ changed: true, instance: { disks: [{ name: 'web-system', size: 12 * GIB }, {}, {}] } });
    expect(changed?.instance?.networks[0]).toMatchObject({ name: NETWORKS[1], vif_device: '0' });
    expect(again).toMatchObject({ changed: false });
  });

  it('configure addresses of guests', async () => {
    const networks = [{ type: 'static', ip: '192.168.7.20/24', gateway: '192.168.7.1' }, {}];
    const [changed, again] = await run(guest({ name: 'web', networks }), guest({ name: 'web', networks }));
    // The address itself is told by the guest, which does not run.
    const address = { prefix: '24', netmask: '255.255.255.0', gateway: '192.168.7.1' };
    expect(changed).toMatchObject({ changed: true, instance: { networks: [address, {}] } });
    expect(again).toMatchObject({ changed: false });
  });

  it('insert a CD and eject it', async () => {
    const [iso] = await isoNames();
    const [inserted, again, ejected] = await run(
      guest({ name: 'web', cdrom: { type: 'iso', iso_name: iso } }),
      guest({ name: 'web', cdrom: { type: 'iso', iso_name: iso } }),
      guest({ name: 'web', cdrom: { type: 'none' } }),
    );
    expect(inserted).toMatchObject({ changed: true, instance: { cdrom: { type: 'iso', iso_name: iso } } });
    expect(again).toMatchObject({ changed: false });
    expect(ejected).toMatchObject({ changed: true, instance: { cdrom: { type: 'none' } } });
  });

  it('make a template of a VM, and VMs from it, copied and cloned', async () => {
    const disks = [{ size_gb: 2 }, { size_gb: 1 }];
    const [, , copied, cloned] = await run(
      guest({ name: 'gold', template: web.template, disks, networks: web.networks.slice(0, 1).map(({ name }) => ({ name })) }),
      guest({ name: 'gold', is_template: true }),
      guest({ name: 'copied', template: 'gold' }),
      guest({ name: 'cloned', template: 'gold', linked_clone: true, state: 'poweredon' }),
    );
    expect(await pool.rpc.call('VM.get_is_a_template', await pool.find('VM', 'gold'))).toBe(true);
    expect(copied).toMatchObject({ changed: true, instance: { is_template: false, state: 'poweredoff' } });
    expect(cloned).toMatchObject({ changed: true, instance: { is_template: false, state: 'poweredon' } });
    for (const result of [copied, cloned]) expect(result?.instance?.disks.map(({ size }) => size)).toEqual([2 * GIB, GIB]);
    expect(copied?.instance?.networks[0]?.mac).not.toBe(cloned?.instance?.networks[0]?.mac);
  });

  it('remove a VM with its disks, once', async () => {
    const vm = await pool.find('VM', 'cloned');
    const disks = await disksOf(vm);
    expect(disks).toHaveLength(2);
    const [refused] = await ansible([guest({ name: 'cloned', state: 'absent' })]);
    expect(refused).toMatchObject({ failed: true, msg: expect.stringContaining('powered off') });
    const [removed, again] = await run(
      guest({ name: 'cloned', state: 'absent', force: true }),
      guest({ name: 'cloned', state: 'absent' }),
    );
    expect(removed).toMatchObject({ changed: true });
    expect(again).toMatchObject({ changed: false });
    for (const disk of disks) await expect(pool.rpc.call('VDI.get_uuid', disk)).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
  });

  it('fail with what is wrong', async () => {
    // Only templates are provisioned, which the module does to whatever it has copied.
    const [template, vm, name, password] = await ansible([
      guest({ name: 'x', template: 'no such template' }),
      guest({ name: 'x', template: 'vm-1' }),
      info({ name: 'no such VM' }),
      info({ name: 'web', password: 'wrong' }),
    ]);
    expect(template).toMatchObject({ failed: true, msg: expect.stringContaining('no such template') });
    expect(vm).toMatchObject({ failed: true, msg: expect.stringContaining('PROVISION_ONLY_ALLOWED_ON_TEMPLATE') });
    expect(name).toMatchObject({ failed: true, msg: expect.stringContaining('no such VM') });
    expect(password).toMatchObject({ failed: true, msg: expect.stringContaining('SESSION_AUTHENTICATION_FAILED') });
  });
});

async function disksOf(vm: string): Promise<string[]> {
  const vbds = await pool.rpc.call<string[]>('VM.get_VBDs', vm);
  const records = await Promise.all(vbds.map((vbd) => pool.rpc.call<{ type: string; VDI: string }>('VBD.get_record', vbd)));
  return records.flatMap(({ type, VDI }) => (type === 'Disk' ? [VDI] : []));
}

/** Names of the images that the pool's ISO libraries have. */
async function isoNames(): Promise<string[]> {
  const srs = await pool.rpc.call<Record<string, { content_type: string; VDIs: string[] }>>('SR.get_all_records');
  const images = Object.values(srs).flatMap(({ content_type, VDIs }) => (content_type === 'iso' ? VDIs : []));
  return Promise.all(images.map((vdi) => pool.rpc.call<string>('VDI.get_name_label', vdi)));
}
