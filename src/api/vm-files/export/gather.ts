import type { Database } from '../../../db/database.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { FILE_CLASSES, type FileClass } from '../file-classes.js';

/** Kinds of devices that can be left out of a file. */
export type DeviceKind = 'vbd' | 'vif' | 'vgpu' | 'vtpm';

/** What belongs into a file besides the VMs themselves. */
export interface Extent {
  /** Snapshots of the VMs, and what the VMs were cloned from. */
  readonly snapshots: boolean;
  /** VMs stay as they are: suspended ones with their memory. */
  readonly preservePowerState: boolean;
  /** Disks that those of the VMs were made from. */
  readonly parents: boolean;
  readonly without: ReadonlySet<DeviceKind>;
}

/** The objects of a file, each with the id that it has there. */
export class Gathered {
  readonly #ids = new Map<string, string>();
  readonly #refs = new Map<FileClass, string[]>();

  /** Adds an object. False when it is there already. */
  add(className: FileClass, ref: string): boolean {
    if (this.#ids.has(ref)) return false;
    this.#ids.set(ref, `Ref:${this.#ids.size}`);
    const refs = this.#refs.get(className);
    if (refs) refs.push(ref);
    else this.#refs.set(className, [ref]);
    return true;
  }

  /** The id of an object, or undefined for one that is not in the file. */
  idOf(ref: string): string | undefined {
    return this.#ids.get(ref);
  }

  /** Every object, in the order in which they stand in the file. */
  *all(): Generator<[FileClass, string], void, void> {
    for (const className of FILE_CLASSES) for (const ref of this.#refs.get(className) ?? []) yield [className, ref];
  }
}

/** Gathers what belongs into a file of some VMs. */
export function gather(db: Database, vms: readonly Ref<'VM'>[], extent: Extent): Gathered {
  const found = new Gathered();
  for (const vm of vms) addVm(db, found, vm, extent);
  return found;
}

function addVm(db: Database, found: Gathered, ref: Ref<'VM'>, extent: Extent): void {
  const vm = db.find('VM', ref)?.fields;
  if (!vm || !found.add('VM', ref)) return;
  const add = (className: FileClass, other: string) => db.exists(className, other) && found.add(className, other);
  const { snapshots, preservePowerState, without } = extent;
  if (!without.has('vif')) for (const vif of vm.VIFs) if (add('VIF', vif)) add('network', db.get('VIF', vif).network);
  if (!without.has('vbd')) {
    for (const vbd of vm.VBDs) {
      if (!add('VBD', vbd)) continue;
      const { empty, VDI } = db.get('VBD', vbd);
      if (!empty) addVdi(db, found, VDI, extent);
    }
  }
  if (!without.has('vgpu')) {
    for (const vgpu of vm.VGPUs) {
      if (!add('VGPU', vgpu)) continue;
      const { type, GPU_group } = db.get('VGPU', vgpu);
      add('VGPU_type', type);
      add('GPU_group', GPU_group);
    }
  }
  const cards: ReadonlySet<string> = new Set(vm.VIFs);
  for (const [proxy, { site }] of db.filter('PVS_proxy', ({ VIF }) => cards.has(VIF))) {
    add('PVS_proxy', proxy);
    add('PVS_site', site);
  }
  if (!without.has('vtpm')) for (const vtpm of vm.VTPMs) add('VTPM', vtpm);
  if (snapshots) for (const snapshot of vm.snapshots) addVm(db, found, snapshot, { ...extent, snapshots: false });
  if (preservePowerState && vm.power_state === 'Suspended') addVdi(db, found, vm.suspend_VDI, extent);
  add('VM_metrics', vm.metrics);
  add('VM_guest_metrics', vm.guest_metrics);
  add('host', vm.resident_on);
  add('host', vm.affinity);
  if (snapshots) addVm(db, found, vm.parent, { ...extent, snapshots: false });
}

/** Names the VDI that one is based on. */
const PARENT_KEY = 'vhd-parent';

function addVdi(db: Database, found: Gathered, ref: string, extent: Extent): void {
  for (let at: string | undefined = ref; at !== undefined; ) {
    const vdi: Fields<'VDI'> | undefined = db.find('VDI', at)?.fields;
    if (!vdi || !found.add('VDI', at)) return;
    if (db.exists('SR', vdi.SR)) found.add('SR', vdi.SR);
    const parent: string | undefined = extent.parents ? vdi.sm_config.get(PARENT_KEY) : undefined;
    at = parent === undefined ? undefined : db.table('VDI').refsByUuid.get(parent);
  }
}
