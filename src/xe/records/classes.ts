import { buildClass } from './field.js';
import type { RecordClass } from './record-class.js';
import type { ClassTable } from './row.js';
import { bond, tunnel, vlan } from './tables/bond-vlan-tunnel.js';
import { caller, rateLimit } from './tables/caller.js';
import { certificate } from './tables/certificate.js';
import { cluster, clusterHost } from './tables/cluster.js';
import { console } from './tables/console.js';
import { drtask } from './tables/drtask.js';
import { feature } from './tables/feature.js';
import { gpuGroup, pgpu } from './tables/gpu.js';
import { host } from './tables/host.js';
import { hostdriver, hostdriverVariant } from './tables/host-driver.js';
import { crashdump, hostCpu, hostCrashdump } from './tables/host-parts.js';
import { message } from './tables/message.js';
import { network, networkSriov } from './tables/network.js';
import { observer } from './tables/observer.js';
import { patch, update } from './tables/patch-update.js';
import { pci } from './tables/pci.js';
import { pif } from './tables/pif.js';
import { pool } from './tables/pool.js';
import { pvsCacheStorage, pvsProxy, pvsServer, pvsSite } from './tables/pvs.js';
import { repository } from './tables/repository.js';
import { sdnController } from './tables/sdn-controller.js';
import { secret } from './tables/secret.js';
import { pbd, sm } from './tables/sm-pbd.js';
import { sr } from './tables/sr.js';
import { role, subject } from './tables/subject-role.js';
import { task } from './tables/task.js';
import { pusb, usbGroup, vusb } from './tables/usb.js';
import { vbd } from './tables/vbd.js';
import { vdi } from './tables/vdi.js';
import { vgpu, vgpuType } from './tables/vgpu.js';
import { vif } from './tables/vif.js';
import { snapshot, template, vm } from './tables/vm.js';
import { appliance, vmGroup } from './tables/vm-sets.js';
import { vmss } from './tables/vmss.js';
import { vtpm } from './tables/vtpm.js';

const tables: readonly ClassTable[] = [
  pool,
  pif,
  bond,
  vlan,
  tunnel,
  vif,
  network,
  console,
  vm,
  template,
  snapshot,
  host,
  hostCpu,
  hostCrashdump,
  patch,
  update,
  vdi,
  vbd,
  sr,
  sm,
  pbd,
  task,
  subject,
  role,
  vmss,
  message,
  secret,
  appliance,
  vmGroup,
  pgpu,
  gpuGroup,
  vgpu,
  vgpuType,
  drtask,
  pvsSite,
  pvsServer,
  pvsProxy,
  pvsCacheStorage,
  feature,
  sdnController,
  pusb,
  usbGroup,
  vusb,
  networkSriov,
  cluster,
  clusterHost,
  certificate,
  repository,
  hostdriverVariant,
  hostdriver,
  vtpm,
  observer,
  pci,
  caller,
  rateLimit,
];

/** Every class that the command line has generated commands for. */
export const recordClasses: readonly RecordClass[] = tables.map((table) => buildClass(table));

/** Crash dumps of VMs: listed by `vm-crashdump-list`, without commands of their own. */
export const crashdumpRecord: RecordClass = buildClass(crashdump);

const byName = new Map(recordClasses.map((one) => [one.name, one]));

/** The class that a word in command names stands for, or undefined. */
export function findRecordClass(name: string): RecordClass | undefined {
  return byName.get(name);
}

/** The same for a name that is known to be one. Throws Error on any other. */
export function recordClass(name: string): RecordClass {
  const found = byName.get(name);
  if (!found) throw new Error(`no record class ${name}`);
  return found;
}
