import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../../model/error.js';
import { NULL_REF, type Ref } from '../../../../model/ref.js';
import type { ExplicitMessage, MessageArguments, MessageResult } from '../../../../model/types.js';
import { invoke } from '../../../invoke.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../../testing/pool-fixture.js';
import { testCall } from '../../../testing/test-call.js';

const GIB = 2 ** 30;
const UUID = '5a0c0b1e-0000-4000-8000-0000000000';

let f: PoolFixture;
let vm: Ref<'VM'>;

async function send<M extends ExplicitMessage<'VM'>>(
  name: M,
  ...args: MessageArguments<'VM', M>
): Promise<MessageResult<'VM', M>> {
  return invoke(testCall(f.api), 'VM', name, ...args);
}

function fields() {
  return f.db.get('VM', vm);
}

function hosts(): [Ref<'host'>, Ref<'host'>] {
  const [one, two] = f.pool.hosts;
  if (!one || !two) throw new Error('two hosts are needed');
  return [one[0], two[0]];
}

function alerts(): string[] {
  return [...f.db.all('message')].filter(([, m]) => m.obj_uuid === fields().uuid).map(([, m]) => m.name);
}

function setPool(patch: Parameters<typeof f.db.set<'pool'>>[2]): void {
  f.db.set('pool', f.api.pool, patch);
}

async function refusal(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown.description;
    throw thrown;
  }
  throw new Error('it was not refused');
}

beforeEach(async () => {
  f = await poolFixture({ hosts: 2, vms: [vmPlan(`${UUID}01`, { name: 'one' })] });
  vm = f.vm('one');
});

afterEach(async () => {
  await f.close();
});

describe('starting', () => {
  it('runs the VM on a host, with its disk, its consoles and an alert', async () => {
    await send('start', vm, false, false);
    const { power_state, resident_on, domid, VBDs, consoles, scheduled_to_be_resident_on, memory_overhead } = fields();
    expect(power_state).toBe('Running');
    expect(hosts()).toContain(resident_on);
    expect(domid).toBeGreaterThan(0);
    expect(scheduled_to_be_resident_on).toBe(NULL_REF);
    expect(memory_overhead).toBeGreaterThan(0);
    expect(consoles).toHaveLength(1);
    expect(VBDs.map((vbd) => f.db.get('VBD', vbd).currently_attached)).toContain(true);
    expect(alerts()).toEqual(['VM_STARTED']);
    expect(await f.api.hosts.get(resident_on).compute.list()).toMatchObject([{ uuid: fields().uuid, power: 'Running' }]);
  });

  it('starts paused, and goes on', async () => {
    await send('start', vm, true, false);
    expect(fields().power_state).toBe('Paused');
    await send('unpause', vm);
    expect(fields().power_state).toBe('Running');
    await send('pause', vm);
    expect(fields().power_state).toBe('Paused');
    expect(alerts()).toEqual(['VM_STARTED', 'VM_UNPAUSED', 'VM_PAUSED']);
  });

  it('goes to the host that the caller names', async () => {
    const [, two] = hosts();
    await send('start_on', vm, two, false, false);
    expect(fields().resident_on).toBe(two);
  });

  it('goes to its affinity host', async () => {
    const [, two] = hosts();
    f.db.set('VM', vm, { affinity: two });
    await send('start', vm, false, false);
    expect(fields().resident_on).toBe(two);
  });

  it('names what a host lacks, and finds no host when all lack it', async () => {
    const [one, two] = hosts();
    f.db.set('host', two, { enabled: false });
    expect(await refusal(send('start_on', vm, two, false, false))).toEqual(['HOST_DISABLED', two]);
    expect(await send('get_possible_hosts', vm)).toEqual([one]);
    f.db.set('VM', vm, { memory_static_max: 500 * GIB, memory_dynamic_max: 500 * GIB, memory_dynamic_min: 500 * GIB });
    expect((await refusal(send('assert_can_boot_here', vm, one)))[0]).toBe('HOST_NOT_ENOUGH_FREE_MEMORY');
    expect(await refusal(send('start', vm, false, false))).toEqual(['NO_HOSTS_AVAILABLE']);
    expect(fields()).toMatchObject({ power_state: 'Halted', scheduled_to_be_resident_on: NULL_REF });
    expect(fields().current_operations.size).toBe(0);
  });

  it('leaves everything as it was when the host refuses', async () => {
    const [one] = hosts();
    const vbd = f.db.create('VBD', { VM: vm, userdevice: '1', type: 'Disk', mode: 'RW', empty: true });
    expect(await refusal(send('start_on', vm, one, false, false))).toEqual(['VBD_IS_EMPTY', vbd]);
    expect(fields()).toMatchObject({
      power_state: 'Halted',
      resident_on: NULL_REF,
      domid: -1,
      scheduled_to_be_resident_on: NULL_REF,
    });
    expect(f.db.get('VBD', vbd)).toMatchObject({ currently_attached: false });
    expect(f.db.get('host', one).current_operations.size).toBe(0);
  });

  it('never promises the same memory twice', async () => {
    const [one, two] = hosts();
    f.db.set('host', two, { enabled: false });
    const large = 40 * GIB;
    const other = f.db.create('VM', { ...fields(), uuid: `${UUID}02`, VBDs: [], VIFs: [], name_label: 'two' });
    for (const ref of [vm, other])
      f.db.set('VM', ref, { memory_static_max: large, memory_dynamic_max: large, memory_dynamic_min: large });
    const outcomes = await Promise.allSettled([vm, other].map((ref) => send('start', ref, false, false)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(f.db.get('host', one).resident_VMs.filter((ref) => ref === vm || ref === other)).toHaveLength(1);
  });
});

describe('stopping', () => {
  beforeEach(() => send('start', vm, false, false));

  it('asks the guest', async () => {
    await send('clean_shutdown', vm);
    expect(fields()).toMatchObject({ power_state: 'Halted', resident_on: NULL_REF, domid: -1 });
    expect(alerts()).toEqual(['VM_STARTED', 'VM_SHUTDOWN']);
  });

  it('turns it off, also while the guest is being asked', async () => {
    f.db.set('VM', vm, { shutdown_delay: 1000 });
    const asking = refusal(send('clean_shutdown', vm)).catch(() => ['done']);
    await send('hard_shutdown', vm);
    expect(fields().power_state).toBe('Halted');
    await asking;
  });

  it('shuts down somehow', async () => {
    await send('shutdown', vm);
    expect(fields().power_state).toBe('Halted');
  });

  it('reboots into the settings of now', async () => {
    const before = fields().domid;
    f.db.set('VM', vm, { VCPUs_max: 2, VCPUs_at_startup: 2 });
    await send('clean_reboot', vm);
    expect(fields().power_state).toBe('Running');
    expect(fields().domid).not.toBe(before);
    await send('hard_reboot', vm);
    expect(fields().power_state).toBe('Running');
    expect(alerts()).toEqual(['VM_STARTED', 'VM_REBOOTED', 'VM_REBOOTED']);
  });

  it('resets no VM that is there', async () => {
    const { resident_on: host, domid } = fields();
    const reason = host === f.api.localHost ? ['DOMAIN_EXISTS', vm, String(domid)] : ['HOST_IS_LIVE', host];
    expect(await refusal(send('power_state_reset', vm))).toEqual(reason);
    expect(fields().power_state).toBe('Running');
  });
});

describe('suspending', () => {
  it('saves memory to an image and goes on from it', async () => {
    await send('start', vm, false, false);
    await send('suspend', vm);
    const { suspend_VDI: image, power_state } = fields();
    expect(power_state).toBe('Suspended');
    expect(f.db.get('VDI', image)).toMatchObject({ type: 'suspend', name_label: 'Suspend image' });
    await send('resume', vm, false, false);
    expect(fields()).toMatchObject({ power_state: 'Running', suspend_VDI: NULL_REF });
    expect(f.db.exists('VDI', image)).toBe(false);
    expect(alerts()).toEqual(['VM_STARTED', 'VM_SUSPENDED', 'VM_RESUMED']);
  });

  it('needs an SR for the image', async () => {
    await send('start', vm, false, false);
    setPool({ suspend_image_SR: NULL_REF });
    for (const host of hosts()) f.db.set('host', host, { suspend_image_sr: NULL_REF });
    f.db.set('VM', vm, { suspend_SR: NULL_REF });
    expect(await refusal(send('suspend', vm))).toEqual(['VM_NO_SUSPEND_SR', vm]);
    expect(fields().power_state).toBe('Running');
  });

  it('turns off what is suspended, with its image', async () => {
    await send('start', vm, false, false);
    await send('suspend', vm);
    const { suspend_VDI: image } = fields();
    await send('hard_shutdown', vm);
    expect(fields()).toMatchObject({ power_state: 'Halted', suspend_VDI: NULL_REF });
    expect(f.db.exists('VDI', image)).toBe(false);
    await send('start', vm, false, false);
    expect(fields().power_state).toBe('Running');
  });
});

describe('moving', () => {
  it('moves to another host and back, running all the time', async () => {
    const [one, two] = hosts();
    await send('start_on', vm, one, false, false);
    await send(
      'pool_migrate',
      vm,
      two,
      new Map([
        ['live', 'true'],
        ['force', 'false'],
      ]),
    );
    expect(fields()).toMatchObject({ power_state: 'Running', resident_on: two });
    await send('pool_migrate', vm, one, new Map());
    expect(fields()).toMatchObject({ power_state: 'Running', resident_on: one });
    expect(alerts()).toEqual(['VM_STARTED', 'VM_MIGRATED', 'VM_MIGRATED']);
    await send('pool_migrate', vm, one, new Map());
    expect(fields()).toMatchObject({ power_state: 'Running', resident_on: one });
  });

  it('checks the state before the host', async () => {
    const nowhere = 'OpaqueRef:nowhere' as Ref<'host'>;
    expect(await refusal(send('pool_migrate', vm, nowhere, new Map()))).toEqual(['VM_BAD_POWER_STATE', vm, 'running', 'halted']);
    expect(await refusal(send('resume_on', vm, nowhere, false, false))).toEqual([
      'VM_BAD_POWER_STATE',
      vm,
      'suspended',
      'halted',
    ]);
    await send('start', vm, false, false);
    expect((await refusal(send('pool_migrate', vm, nowhere, new Map())))[0]).toBe('HANDLE_INVALID');
  });

  function localSr(host: Ref<'host'>): Ref<'SR'> {
    const found = f.db.filter('SR', (sr) => sr.type === 'ext' && sr.PBDs.some((pbd) => f.db.get('PBD', pbd).host === host));
    if (!found[0]) throw new Error('no local SR');
    return found[0][0];
  }

  function disk(): Ref<'VDI'> {
    const found = fields()
      .VBDs.map((vbd) => f.db.get('VBD', vbd))
      .find(({ type }) => type === 'Disk');
    if (!found) throw new Error('no disk');
    return found.VDI;
  }

  async function destination(host: Ref<'host'>): Promise<ReadonlyMap<string, string>> {
    const [network] = f.db.filter('network', (net) => net.PIFs.some((pif) => f.db.get('PIF', pif).management));
    if (!network) throw new Error('no management network');
    return invoke(testCall(f.api), 'host', 'migrate_receive', host, network[0], new Map());
  }

  it.each(['Halted', 'Running'])('takes the disks along while %s', async (power) => {
    const [one, two] = hosts();
    if (power === 'Running') await send('start_on', vm, one, false, false);
    const before = disk();
    const target = localSr(two);
    const map = new Map([[before, target]]);
    const to = await destination(two);
    await send('assert_can_migrate', vm, to, true, map, new Map(), new Map(), new Map());
    expect(await send('migrate_send', vm, to, true, map, new Map(), new Map(), new Map(), new Map())).toBe(vm);
    expect(f.db.get('VDI', disk()).SR).toBe(target);
    expect(f.db.exists('VDI', before)).toBe(false);
    expect(fields().power_state).toBe(power);
    expect(fields().resident_on).toBe(power === 'Running' ? two : NULL_REF);
    if (power === 'Running') {
      await send('hard_reboot', vm);
      expect(fields().power_state).toBe('Running');
    }
  });

  it('moves disks on the same host', async () => {
    const [one] = hosts();
    await send('start_on', vm, one, false, false);
    const map = new Map([[disk(), localSr(one)]]);
    await send('migrate_send', vm, await destination(one), true, map, new Map(), new Map(), new Map(), new Map());
    expect(f.db.get('VDI', disk()).SR).toBe(localSr(one));
    expect(fields()).toMatchObject({ power_state: 'Running', resident_on: one });
  });

  it('refuses maps that are not whole, and other pools', async () => {
    const [, two] = hosts();
    const to = await destination(two);
    const none = new Map();
    expect(await refusal(send('migrate_send', vm, to, true, none, none, none, none, none))).toEqual(['VDI_NOT_IN_MAP', disk()]);
    const foreign = new Map([...to, ['host', 'OpaqueRef:elsewhere']]);
    expect((await refusal(send('assert_can_migrate', vm, foreign, true, none, none, none, none)))[0]).toBe('NOT_IMPLEMENTED');
  });
});
