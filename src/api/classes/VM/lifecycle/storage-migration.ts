import type { DomainSpec } from '../../../../host/compute.js';
import { ApiError } from '../../../../model/error.js';
import { isNullRef, type Ref } from '../../../../model/ref.js';
import type { Api } from '../../../api.js';
import type { Call } from '../../../call.js';
import { invoke } from '../../../invoke.js';
import { target } from '../../../operations/operations.js';
import { assertCanBootHere } from '../../../placement/can-boot-here.js';
import { seesSr } from '../../../placement/visibility.js';
import { moveVdi } from '../../../storage/move.js';
import { volumeAddress } from '../../../storage/placement.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { partOfTask } from '../task-part.js';
import { adoptCopies, copyDisks, discardAll, type MovedDisk, planMoves } from './disk-moves.js';
import { runningSpec } from './domain-spec.js';
import { isSet, moveDomain, tellMigrated } from './migrating.js';
import { assertMapped, assertMovable, assertPersistent, assertSrsCapable, type DiskMap, moves } from './migration-checks.js';
import { targetHost } from './migration-target.js';
import { hostOf, onHost, resync } from './on-host.js';
import { withPlace } from './placed.js';

/** Migrations with disks at the same time: more of them would only make each slower. */
const MOST_AT_ONCE = 3;

const underWay = new WeakMap<Api, number>();

/** Moving VMs together with their disks. */
export const storageMigration: VmMessages = {
  migrate_send: async (call, vm, destination, _live, vdiMap, vifMap, options) => {
    const { api } = call;
    const host = targetHost(api, 'VM.migrate_send', destination);
    const { resident_on: source, power_state: power } = api.db.get('VM', vm);
    await withOperation(call, vm, 'migrate_send', async () => {
      assertCanMigrate(call, vm, host, vdiMap, vifMap, options);
      await oneOfFew(api, () => migrate(call, vm, host, vdiMap));
    });
    if (power === 'Running') tellMigrated(call, vm, source, host);
    return vm;
  },
  assert_can_migrate: (call, vm, destination, _live, vdiMap, vifMap, options) =>
    assertCanMigrate(call, vm, targetHost(call.api, 'VM.assert_can_migrate', destination), vdiMap, vifMap, options),
  // The sender's own checks are about virtual GPUs, and VMs that have one do not move here.
  assert_can_migrate_sender: ({ api }, _vm, destination) => {
    targetHost(api, 'VM.assert_can_migrate_sender', destination);
  },
};

async function oneOfFew<T>(api: Api, work: () => Promise<T>): Promise<T> {
  const running = underWay.get(api) ?? 0;
  if (running >= MOST_AT_ONCE) throw new ApiError('TOO_MANY_STORAGE_MIGRATES', String(MOST_AT_ONCE));
  underWay.set(api, running + 1);
  try {
    return await work();
  } finally {
    underWay.set(api, (underWay.get(api) ?? 1) - 1);
  }
}

function assertCanMigrate(
  { api }: Call,
  vm: Ref<'VM'>,
  host: Ref<'host'>,
  vdiMap: DiskMap,
  vifMap: ReadonlyMap<string, string>,
  options: ReadonlyMap<string, string>,
): void {
  const { db } = api;
  const fields = db.get('VM', vm);
  assertMapped(db, fields, vdiMap);
  assertSrsCapable(db, vdiMap);
  assertCanBootHere(api, vm, host, { srs: false, cpu: !isSet(options, 'force') });
  if (vifMap.size)
    throw new ApiError('OPERATION_NOT_ALLOWED', 'network cards keep their networks in a migration within the pool');
  if (isSet(options, 'copy'))
    throw new ApiError('OPERATION_NOT_ALLOWED', 'a VM is copied within its pool by VM.copy or VM.clone');
  const unseen = [...vdiMap.values()].find((sr) => !seesSr(db, sr, host));
  if (unseen !== undefined) throw new ApiError('VM_REQUIRES_SR', vm, unseen);
  assertPersistent(db, fields);
  assertMovable(db, vdiMap);
}

function migrate(call: Call, vm: Ref<'VM'>, host: Ref<'host'>, map: DiskMap): Promise<void> {
  const { api, task } = call;
  const { resident_on: source, power_state: power } = api.db.get('VM', vm);
  if (power !== 'Running') {
    return api.operations.run(task, [target('host', host, 'vm_migrate')], () => moveAtRest(call, vm, host, map), 'none');
  }
  if (source === host) return moveRunning(call, vm, host, map);
  return withPlace(
    call,
    vm,
    'vm_migrate',
    () => host,
    () => moveRunning(call, vm, host, map),
  );
}

async function moveAtRest(call: Call, vm: Ref<'VM'>, host: Ref<'host'>, map: DiskMap): Promise<void> {
  const moved = await copyDisks(call, planMoves(call, vm, host, map));
  adoptCopies(call, moved);
  await discardAll(call, moved.map(({ from }) => from).reverse());
}

/**
 * A host copies a disk while it changes into any SR that it sees itself. For disks that go where only the other host can
 * write, the VM stands still while they are copied. To clients it runs all the time: what an operation does to a domain on
 * the way does not show.
 */
async function moveRunning(call: Call, vm: Ref<'VM'>, host: Ref<'host'>, map: DiskMap): Promise<void> {
  const { api } = call;
  const { db } = api;
  await ejectUnseen(call, vm, host);
  const [source] = hostOf(api, vm);
  const wanted = moves(db, map);
  const live = wanted.filter(([, sr]) => seesSr(db, sr, source));
  const still = new Map(wanted.filter(([, sr]) => !seesSr(db, sr, source)));
  await moveWhileRunning(call, live, 0, live.length / (wanted.length + 1));
  await moveStandingStill(call, vm, host, still);
}

async function moveWhileRunning(call: Call, disks: readonly [Ref<'VDI'>, Ref<'SR'>][], from: number, to: number): Promise<void> {
  const share = (to - from) / disks.length;
  for (const [i, [vdi, sr]] of disks.entries()) {
    const work = partOfTask(call, from + i * share, from + (i + 1) * share);
    await onHost(work, () => call.api.operations.run(work.task, [target('VDI', vdi, 'mirror')], () => moveVdi(work, vdi, sr)));
  }
}

async function moveStandingStill(call: Call, vm: Ref<'VM'>, host: Ref<'host'>, map: DiskMap): Promise<void> {
  const { api } = call;
  const plan = planMoves(call, vm, host, map);
  const { uuid } = api.db.get('VM', vm);
  const [source, { compute }] = hostOf(api, vm);
  if (!plan.length) {
    if (source !== host) await moveDomain(call, vm, host);
    return;
  }
  let moved: MovedDisk[] = [];
  await onHost(call, () => compute.pause(uuid));
  try {
    moved = await copyDisks(call, plan);
    await moveDomain(call, vm, host, withCopies(api, vm, moved));
  } catch (thrown) {
    await discardAll(
      call,
      moved.map(({ to }) => to),
    );
    await goOn(call, vm, source);
    throw thrown;
  }
  adoptCopies(call, moved);
  await goOn(call, vm, host);
  await discardAll(call, moved.map(({ from }) => from).reverse());
}

async function goOn({ api }: Call, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  try {
    await api.hosts.get(host).compute.unpause(api.db.get('VM', vm).uuid);
  } catch (thrown) {
    api.log.warn({ err: thrown, vm }, 'the VM could not be let go on after its disks were copied');
  }
  await resync(api, vm, host);
}

/** Discs that the other host does not see cannot come along. */
async function ejectUnseen(call: Call, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  const { db } = call.api;
  for (const vbd of db.get('VM', vm).VBDs) {
    const { type, empty, VDI: vdi } = db.get('VBD', vbd);
    if (type !== 'CD' || empty || isNullRef(vdi) || seesSr(db, db.get('VDI', vdi).SR, host)) continue;
    await invoke(call, 'VBD', 'eject', vbd);
  }
}

/** The domain as it will be with the copies of its disks. */
function withCopies(api: Api, vm: Ref<'VM'>, moved: readonly MovedDisk[]): DomainSpec {
  const spec = runningSpec(api, vm);
  const places = new Map(moved.map(({ from, to }) => [api.db.get('VDI', from).location, { from, to }]));
  const disks = spec.disks.map((disk) => {
    const pair = disk.volume && places.get(disk.volume.location);
    return pair && volumeAddress(api, pair.from).sr === disk.volume?.sr ? { ...disk, volume: volumeAddress(api, pair.to) } : disk;
  });
  return { ...spec, disks };
}
