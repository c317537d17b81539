import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatedHost } from '../../host/emulated/host.js';
import { createWorld, type EmulatedWorld } from '../../host/emulated/world.js';
import type { SrSpec } from '../../host/storage.js';
import { classModel } from '../../model/class-model.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';
import { DomainWatch } from '../world/watch-domains.js';
import { type ApiFixture, apiFixture } from './fixture.js';

const GIB = 2 ** 30;

/** An API fixture whose host is an emulated one, with an SR attached and a bridge `br0`. */
export interface EmulatedPool extends ApiFixture {
  readonly world: EmulatedWorld;
  readonly physical: EmulatedHost;
  readonly sr: Ref<'SR'>;
  /** Makes a halted VM; what is not given is as a small VM has it. */
  createVm(fields?: Partial<ConstructorArguments<'VM'>>): Promise<Ref<'VM'>>;
  /** Makes a disk in the SR and puts it into a VM; resolves with the disk. */
  createDisk(vm: Ref<'VM'>, position: string, size?: number): Promise<Ref<'VDI'>>;
  /** Starts a VM and waits until the tools in its guest speak. */
  startVm(vm: Ref<'VM'>): Promise<void>;
  close(): Promise<void>;
}

/** What VM.create gets for a small VM with full virtualisation. Sizes in bytes. */
export function smallVm(fields: Partial<ConstructorArguments<'VM'>> = {}): ConstructorArguments<'VM'> {
  const initial = Object.fromEntries(classModel('VM').constructorFields.map((field) => [field.name, field.initial]));
  return {
    ...(initial as ConstructorArguments<'VM'>),
    name_label: 'small',
    user_version: 1,
    memory_static_max: GIB,
    memory_dynamic_max: GIB,
    memory_dynamic_min: GIB,
    memory_static_min: GIB / 2,
    VCPUs_max: 1,
    VCPUs_at_startup: 1,
    actions_after_shutdown: 'destroy',
    actions_after_reboot: 'restart',
    actions_after_crash: 'restart',
    HVM_boot_policy: 'BIOS order',
    HVM_boot_params: new Map([['order', 'cd']]),
    ...fields,
  };
}

/** Builds the pool: one host with 16 GiB and one `ext` SR of 100 GiB, which also takes memory images. */
export async function emulatedPool(): Promise<EmulatedPool> {
  const dataDir = mkdtempSync(join(tmpdir(), 'emulated-pool-'));
  const world = await createWorld({
    dataDir,
    seed: 'test',
    hosts: [
      {
        name: 'one',
        hostname: 'one',
        memory: 16 * GIB,
        cpu: { sockets: 1, coresPerSocket: 4, threadsPerCore: 1 },
        nics: [{ carrier: true, speed: 1000 }],
      },
    ],
  });
  const fixture = await apiFixture(dataDir);
  const { api, host, call } = fixture;
  const { db } = api;
  const [physical] = world.hosts;
  if (!physical) throw new Error('the world is empty');
  const spec: SrSpec = {
    uuid: crypto.randomUUID(),
    type: 'ext',
    deviceConfig: new Map([['device', '/dev/sdb']]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  };
  await physical.storage.createSr(spec, 100 * GIB);
  await physical.storage.attach(spec);
  await physical.network.ensureBridge('br0', undefined, 1500);
  const sr = db.transaction(() => {
    const metrics = db.create('host_metrics', { memory_total: 16 * GIB, live: true });
    db.set('host', host, {
      metrics,
      cpu_info: new Map([['cpu_count', '4']]),
      capabilities: api.persona.capabilities,
      virtual_hardware_platform_versions: api.persona.virtualHardwarePlatformVersions,
    });
    const made = db.create('SR', { uuid: spec.uuid, name_label: 'disks', type: 'ext', content_type: 'user' });
    db.create('PBD', { host, SR: made, currently_attached: true });
    for (const driver of physical.storage.drivers())
      db.create('SM', { type: driver.type, features: new Map(driver.features.map((feature) => [feature, 1])) });
    db.set('pool', api.pool, { suspend_image_SR: made, restrictions: new Map([['restrict_vtpm', 'false']]) });
    return made;
  });
  api.hosts.add(host, physical);
  const watch = new DomainWatch(api, false);
  watch.follow(host, physical);
  return {
    ...fixture,
    world,
    physical,
    sr,
    createVm: (fields) => call('VM.create', smallVm(fields)),
    async createDisk(vm, position, size = GIB) {
      const volume = await physical.storage.createVolume(spec.uuid, {
        uuid: crypto.randomUUID(),
        virtualSize: size,
        name: `disk ${position}`,
        description: '',
        smConfig: new Map(),
      });
      return db.transaction(() => {
        const vdi = db.create('VDI', {
          uuid: volume.uuid,
          SR: sr,
          location: volume.location,
          name_label: volume.name,
          virtual_size: volume.virtualSize,
          managed: true,
          type: 'user',
        });
        db.create('VBD', { VM: vm, VDI: vdi, userdevice: position, mode: 'RW', type: 'Disk', empty: false, bootable: true });
        return vdi;
      });
    },
    async startVm(vm) {
      await call('VM.start', vm, false, false);
      while (isNullRef(db.get('VM', vm).guest_metrics)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      watch.stop();
      await world.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
