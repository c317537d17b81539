import type { DomainSpec } from '../../../../host/compute.js';
import type { Ref } from '../../../../model/ref.js';
import type { Fields } from '../../../../model/types.js';
import type { Api } from '../../../api.js';
import { readBootRecord } from '../../../world/boot-record.js';
import { domainType } from '../../../world/domain-records.js';
import { domainSpec } from '../../../world/domain-spec.js';

/** What a host needs to boot a VM with the settings that it has now. Throws HANDLE_INVALID for a disk or network that is gone. */
export function bootSpec(api: Api, vm: Ref<'VM'>): DomainSpec {
  const spec = domainSpec(api.db, vm);
  // Floppy drives have a name and no position: no host has them.
  const disks = spec.disks.filter(({ position }) => Number.isInteger(position));
  return { ...spec, memory: memoryWithin(api.db.get('VM', vm)), disks };
}

/**
 * What a host needs to go on with a VM that has booted already: the settings of that boot where they hold until the next
 * one, the memory range and the devices as they are now.
 */
export function runningSpec(api: Api, vm: Ref<'VM'>): DomainSpec {
  const now = api.db.get('VM', vm);
  const booted = readBootRecord(now);
  const spec = bootSpec(api, vm);
  // The number of processors in use may have been changed since the boot.
  const online = api.db.find('VM_metrics', now.metrics)?.fields.VCPUs_number || booted.VCPUs_at_startup;
  return {
    ...spec,
    vcpus: { ...spec.vcpus, max: booted.VCPUs_max, online: Math.min(online, booted.VCPUs_max) },
    memory: memoryWithin({ ...now, memory_static_max: booted.memory_static_max, memory_static_min: booted.memory_static_min }),
    boot: domainType(booted) === 'hvm' ? { kind: 'hvm', params: booted.HVM_boot_params } : spec.boot,
    platform: booted.platform,
  };
}

/** The dynamic range, cut down to the static one where clients set it wider. Bytes. */
function memoryWithin(vm: Fields<'VM'>): DomainSpec['memory'] {
  const within = (bytes: number) => Math.max(vm.memory_static_min, Math.min(bytes, vm.memory_static_max));
  const dynamicMax = within(vm.memory_dynamic_max);
  return {
    staticMax: vm.memory_static_max,
    dynamicMax,
    dynamicMin: Math.min(within(vm.memory_dynamic_min), dynamicMax),
    target: dynamicMax,
  };
}
