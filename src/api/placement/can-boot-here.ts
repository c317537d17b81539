import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { isLive } from '../reach.js';
import { domainType } from '../world/domain-records.js';
import { assertCpuCompatible } from './cpu-features.js';
import { freeMemory, type HostMemory, hostMemories, memoryToStart } from './memory.js';
import { assertBootable } from './settings.js';
import { assertGpusAvailable, assertUsbsAvailable } from './special-devices.js';
import { assertSeesNetworks, assertSeesSrs } from './visibility.js';

/** Which of the checks to make; all of them where nothing is said. */
export interface BootChecks {
  readonly cpu?: boolean;
  readonly srs?: boolean;
  readonly memory?: boolean;
  /** Memory of all hosts when the caller has it already. */
  readonly memories?: ReadonlyMap<Ref<'host'>, HostMemory>;
}

/** Throws the first reason why a VM could not run on a host now, in the original's order of checks. */
export function assertCanBootHere(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, checks: BootChecks = {}): void {
  const { db } = api;
  const fields = db.get('VM', vm);
  const there = db.get('host', host);
  assertBootable(fields);
  if (!isLive(db, host)) throw new ApiError('HOST_NOT_LIVE');
  assertControlDomainAtHome(api, vm, host);
  const stays = fields.power_state === 'Running' && fields.resident_on === host;
  if (!there.enabled && !fields.is_control_domain && !stays) throw new ApiError('HOST_DISABLED', host);
  assertPlatform(api, vm, host);
  if (checks.cpu !== false) assertCpuCompatible(db, vm, host);
  if (checks.srs !== false) assertSeesSrs(db, vm, host);
  assertSeesNetworks(db, vm, host);
  assertGpusAvailable(db, vm, host);
  assertUsbsAvailable(db, vm, host);
  if (domainType(fields) !== 'pv' && !there.capabilities.some((capability) => capability.startsWith('hvm')))
    throw new ApiError('VM_HVM_REQUIRED', vm);
  if (checks.memory !== false) assertEnoughMemory(api, vm, host, checks.memories);
  assertEnoughCpus(api, vm, host);
}

/** Throws OPERATION_NOT_ALLOWED when a control domain is to start away from the host that it serves. */
export function assertControlDomainAtHome({ db }: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const { is_control_domain: control, affinity } = db.get('VM', vm);
  if (control && !isNullRef(affinity) && affinity !== host)
    throw new ApiError('OPERATION_NOT_ALLOWED', 'Cannot boot a control domain on a host different from its affinity');
}

function assertPlatform({ db }: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const needed = db.get('VM', vm).hardware_platform_version;
  const { virtual_hardware_platform_versions: offered } = db.get('host', host);
  // Hosts too old to tell offer version 0.
  if (offered.length ? offered.includes(needed) : needed === 0) return;
  throw new ApiError(
    'VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION',
    host,
    `[${offered.join('; ')}]`,
    vm,
    String(needed),
  );
}

function assertEnoughMemory(
  { db }: Api,
  vm: Ref<'VM'>,
  host: Ref<'host'>,
  memories: BootChecks['memories'] = hostMemories(db, vm),
): void {
  const fields = db.get('VM', vm);
  const memory = memories.get(host);
  const needed = memoryToStart(fields);
  const free = memory ? freeMemory(memory) : 0;
  if (free < needed) throw new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(needed), String(free));
}

function assertEnoughCpus({ db }: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const { VCPUs_max: wanted, platform } = db.get('VM', vm);
  const present = Number(db.get('host', host).cpu_info.get('cpu_count') ?? 0);
  if (wanted <= present || /^(?:true|1)$/.test(platform.get('vcpu-unrestricted') ?? '')) return;
  throw new ApiError('HOST_NOT_ENOUGH_PCPUS', String(wanted), String(present));
}
