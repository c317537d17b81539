import { ApiError } from '../../../model/error.js';
import type { DomainSpec, FoundDomain } from '../../compute.js';
import type { Domain } from './domain.js';

/** What a domain would have to be started with to be as it is now. */
export function currentSpec({ spec, disks, nics }: Domain): DomainSpec {
  return { ...spec, disks: [...disks.values()], nics: [...nics.values()] };
}

/** A live domain as it would be found by somebody who knows nothing of it. */
export function foundDomain(domain: Domain): FoundDomain {
  const { vcpus } = domain.spec;
  return { ...currentSpec(domain), vcpus: { ...vcpus, online: domain.vcpus }, persistent: true, autostart: false };
}

/** Throws VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED for a guest without tools. */
export function assertQuiesces({ uuid, guest }: Domain): void {
  if (guest === undefined)
    throw new ApiError('VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED', uuid, 'the guest has no tools that answer');
}
