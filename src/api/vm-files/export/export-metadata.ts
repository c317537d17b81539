import type { Ref } from '../../../model/ref.js';
import { tarEnd } from '../../../wire/xva/tar-header.js';
import type { Api } from '../../api.js';
import { target } from '../../operations/operations.js';
import type { Work } from './export.js';
import { fileStart } from './file-start.js';
import { type DeviceKind, gather } from './gather.js';

/** What a file without disks is to hold. */
export interface MetadataOptions {
  readonly snapshots: boolean;
  /** Disks that those of the VMs were made from. */
  readonly parents: boolean;
  readonly without: ReadonlySet<DeviceKind>;
}

/** VMs and templates of the pool that users have made. */
export function ownVms({ db }: Api, withControlDomains: boolean): Ref<'VM'>[] {
  return db
    .filter('VM', (vm) => {
      const shipped = vm.is_default_template || (vm.is_a_template && vm.other_config.get('default_template') === 'true');
      return !shipped && (withControlDomains || !vm.is_control_domain);
    })
    .map(([vm]) => vm);
}

/** A file of what the pool knows of some VMs, without the data of their disks. Takes their operation `metadata_export`. */
export function exportMetadata(work: Work, vms: readonly Ref<'VM'>[], options: MetadataOptions): Promise<Buffer[]> {
  const { api, task } = work;
  const locks = vms.map((vm) => target('VM', vm, 'metadata_export'));
  return api.operations.run(
    task,
    locks,
    async () => {
      const gathered = gather(api.db, vms, { ...options, preservePowerState: true });
      const telling = { preservePowerState: true, snapshots: options.snapshots };
      const time = Math.floor(Date.now() / 1000);
      return [...(await fileStart(api, gathered, telling, time)), tarEnd()];
    },
    'quick',
  );
}
