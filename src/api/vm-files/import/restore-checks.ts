import { ApiError } from '../../../model/error.js';
import type { Fields } from '../../../model/types.js';
import { readSettings } from '../../classes/VM/settings-text.js';
import type { ImportContext } from './context.js';

/** A VM with what its network addresses follow from. */
interface Seeded {
  readonly seed: string;
  readonly vm: Fields<'VM'>;
  /** The uuid of the VM itself, or of the one that it is a snapshot of. */
  readonly machine: string | undefined;
}

/**
 * Throws DUPLICATE_MAC_SEED where a VM that is to come back would have the network addresses of one that is there. Only the same
 * machine at another time may have them.
 */
export function assertAddressesFree({ api: { db }, objects }: Pick<ImportContext, 'api' | 'objects'>): void {
  const there = [...db.all('VM')].flatMap(([, vm]) => seeded(vm, () => originHere(vm)));
  for (const { fields } of objects.of('VM')) {
    for (const { seed, vm, machine } of seeded(fields, () => originInFile(fields))) {
      for (const other of there) {
        if (other.seed !== seed || isSame({ vm, machine }, other)) continue;
        throw new ApiError('DUPLICATE_MAC_SEED', seed);
      }
    }
  }

  function originHere(vm: Fields<'VM'>): string | undefined {
    return db.find('VM', vm.snapshot_of)?.fields.uuid ?? readSettings(vm.snapshot_metadata)?.uuid;
  }

  function originInFile(vm: Fields<'VM'>): string | undefined {
    return objects.of('VM').find(({ id }) => id === vm.snapshot_of)?.fields.uuid ?? originHere(vm);
  }
}

function seeded(vm: Fields<'VM'>, origin: () => string | undefined): Seeded[] {
  const seed = vm.other_config.get('mac_seed');
  return seed === undefined ? [] : [{ seed, vm, machine: vm.is_a_snapshot ? origin() : vm.uuid }];
}

function isSame(one: Pick<Seeded, 'machine' | 'vm'>, other: Seeded): boolean {
  return one.machine !== undefined && one.machine === other.machine;
}
