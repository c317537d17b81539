import type { Database } from '../../db/database.js';
import type { CpuFacts, Host, HostFacts } from '../../host/host.js';
import { toDateTime } from '../../model/datetime.js';
import type { Persona, TextMap } from '../../model/personas/persona.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';

/** Logical CPUs of a host. */
export function cpuCount({ sockets, coresPerSocket, threadsPerCore }: CpuFacts): number {
  return sockets * coresPerSocket * threadsPerCore;
}

function textMap(map: TextMap): ReadonlyMap<string, string> {
  return new Map(Object.entries(map));
}

/** host.cpu_info: the keys that the persona has, with what the host says in them, and the counts. */
export function cpuInfo(persona: Persona, cpu: CpuFacts): ReadonlyMap<string, string> {
  const said: TextMap = {
    vendor: cpu.vendor,
    speed: cpu.speedMhz ? cpu.speedMhz.toFixed(3) : '',
    modelname: cpu.model,
    family: String(cpu.family),
    model: String(cpu.modelNumber),
    stepping: String(cpu.stepping),
    flags: cpu.flags,
    features: cpu.features,
    features_hvm: cpu.features,
    features_hvm_host: cpu.features,
    features_pv: cpu.features,
    features_pv_host: cpu.features,
  };
  const info = new Map([
    ['cpu_count', String(cpuCount(cpu))],
    ['socket_count', String(cpu.sockets)],
    ['threads_per_core', String(cpu.threadsPerCore)],
  ]);
  for (const [key, usual] of Object.entries(persona.cpuInfo)) info.set(key, said[key] || usual);
  return info;
}

/** What the persona and the host's facts say: true anew at each start. */
export function factFields(persona: Persona, facts: HostFacts): Partial<Fields<'host'>> {
  const { apiVersion } = persona;
  return {
    memory_overhead: facts.memoryOverhead,
    API_version_major: apiVersion.major,
    API_version_minor: apiVersion.minor,
    API_version_vendor: apiVersion.vendor,
    API_version_vendor_implementation: textMap(apiVersion.vendorImplementation),
    software_version: textMap(persona.softwareVersion),
    capabilities: persona.capabilities,
    supported_bootloaders: persona.supportedBootloaders,
    virtual_hardware_platform_versions: persona.virtualHardwarePlatformVersions,
    sched_policy: 'credit',
    cpu_info: cpuInfo(persona, facts.cpu),
    address: facts.address,
    license_params: textMap(persona.licenseParams),
    editions: persona.editions,
    bios_strings: facts.bios,
    chipset_info: new Map([...textMap(persona.chipsetInfo), ...facts.chipset]),
  };
}

/**
 * Keys of other_config that tell when the host and this daemon came up. OpenXenManager cuts the last character off and
 * takes the rest as seconds, hence the dot.
 */
export function startTimes(facts: HostFacts, now: number = Date.now()): [string, string][] {
  return [['agent_start_time', `${Math.floor(now / 1000)}.`], bootTime(facts)];
}

/** The one of them that changes only when the host itself boots. */
export function bootTime(facts: HostFacts): [string, string] {
  return ['boot_time', `${facts.bootedAt}.`];
}

/** Makes the objects of a host itself: host, measurements, CPUs. Its control domain, devices and storage are others' work. */
export async function createHostRecords(db: Database, persona: Persona, host: Host): Promise<Ref<'host'>> {
  const { facts } = host;
  const free = await host.freeMemory();
  return db.transaction(() => {
    const metrics = db.create('host_metrics', {
      memory_total: facts.memoryTotal,
      memory_free: free,
      live: true,
      last_updated: toDateTime(),
    });
    const ref = db.create('host', {
      ...factFields(persona, facts),
      uuid: facts.uuid,
      name_label: facts.name,
      name_description: 'Default install',
      hostname: facts.hostname,
      enabled: true,
      metrics,
      other_config: new Map([...startTimes(facts), ['iscsi_iqn', facts.iscsiIqn]]),
      iscsi_iqn: facts.iscsiIqn,
      edition: persona.edition,
      license_server: textMap(persona.licenseServer),
      boot_free_mem: facts.memoryTotal - facts.memoryOverhead - facts.controlDomainMemory,
      ssl_legacy: false,
      tls_verification_enabled: true,
    });
    syncCpus(db, ref, facts);
    return ref;
  });
}

/** Makes one host_cpu for each logical CPU, and removes those that are too many. */
export function syncCpus(db: Database, host: Ref<'host'>, { cpu }: HostFacts): void {
  db.transaction(() => {
    const known = new Map(db.get('host', host).host_CPUs.map((ref) => [db.get('host_cpu', ref).number, ref]));
    for (let number = 0; number < cpuCount(cpu); number++) {
      const fields = {
        host,
        number,
        vendor: cpu.vendor,
        speed: Math.round(cpu.speedMhz),
        modelname: cpu.model,
        family: cpu.family,
        model: cpu.modelNumber,
        stepping: String(cpu.stepping),
        flags: cpu.flags,
        features: cpu.features,
      };
      const ref = known.get(number);
      if (ref) db.set('host_cpu', ref, fields);
      else db.create('host_cpu', fields);
      known.delete(number);
    }
    for (const ref of known.values()) db.destroy('host_cpu', ref);
  });
}
