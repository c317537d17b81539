import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { DISKS_KEY, type ProvisionDisk, ProvisionError, parseProvision } from '../../../model/templates/provision.js';
import type { Call } from '../../call.js';
import { choosePosition } from '../../storage/device-numbers.js';
import { recordVbd } from '../../storage/vbd-record.js';
import { createVdi } from '../../storage/volumes.js';
import { discard } from './lifecycle/stopping.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';
import { partOfTask } from './task-part.js';
import { becomeVm } from './templates.js';

/** Names a script of the original's own system that finishes the installation of very old templates. */
const SCRIPT_KEY = 'postinstall';

interface PlacedDisk extends ProvisionDisk {
  readonly place: Ref<'SR'>;
}

/** Turns the clone of a template into a VM. */
export const provisioning: VmMessages = {
  provision: (call, vm) =>
    withOperation(call, vm, 'provision', async ({ other_config: config }) => {
      const disks = wantedDisks(call.api.db, config);
      if (config.get(SCRIPT_KEY)) throw new ApiError('NOT_IMPLEMENTED', 'VM.provision with a script');
      becomeVm(call, vm);
      if (!disks.length) return;
      await createDisks(call, vm, disks);
      call.api.db.set('VM', vm, {
        other_config: new Map(
          [...call.api.db.get('VM', vm).other_config].filter(([key]) => key !== DISKS_KEY && key !== SCRIPT_KEY),
        ),
      });
    }),
};

/** The disks of the list in other_config with their SRs. Throws UUID_INVALID for an SR that is not there. */
function wantedDisks(db: Database, config: ReadonlyMap<string, string>): PlacedDisk[] {
  const text = config.get(DISKS_KEY);
  if (text === undefined) return [];
  return readList(text).map((disk) => {
    const place = db.table('SR').refsByUuid.get(disk.sr);
    if (place === undefined) throw new ApiError('UUID_INVALID', 'sr', disk.sr);
    return { ...disk, place: place as Ref<'SR'> };
  });
}

function readList(text: string): readonly ProvisionDisk[] {
  try {
    return parseProvision(text);
  } catch (thrown) {
    if (thrown instanceof ProvisionError) throw new ApiError('INTERNAL_ERROR', thrown.message);
    throw thrown;
  }
}

/** Makes the disks with their drives. When one fails, those before it go again. */
async function createDisks(call: Call, vm: Ref<'VM'>, disks: readonly PlacedDisk[]): Promise<void> {
  const made: Ref<'VDI'>[] = [];
  try {
    for (const [i, disk] of disks.entries()) {
      call.task.check();
      made.push(await createDisk(partOfTask(call, i / disks.length, (i + 1) / disks.length), vm, disk));
    }
  } catch (thrown) {
    for (const vdi of made) await discard(call, vdi);
    throw thrown;
  }
}

async function createDisk(call: Pick<Call, 'api' | 'task'>, vm: Ref<'VM'>, disk: PlacedDisk): Promise<Ref<'VDI'>> {
  const { db } = call.api;
  const position = choosePosition(db, db.get('VM', vm), disk.device);
  const vdi = await createVdi(call, {
    sr: disk.place,
    virtualSize: disk.size,
    name: position,
    description: 'Made from its template',
    type: disk.type,
    smConfig: new Map([['vmhint', db.get('VM', vm).uuid]]),
  });
  recordVbd(db, {
    VM: vm,
    VDI: vdi,
    userdevice: position,
    bootable: disk.bootable,
    mode: 'RW',
    type: 'Disk',
    unpluggable: disk.type !== 'system',
    empty: false,
    // The disk goes with its VM when a client deletes that.
    other_config: new Map([['owner', '']]),
  });
  return vdi;
}
