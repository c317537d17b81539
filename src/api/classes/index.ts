import type { Behaviours } from '../behaviour.js';
import { auth } from './auth.js';
import { Bond } from './Bond.js';
import { blob } from './blob.js';
import { Caller } from './Caller.js';
import { Cluster } from './Cluster.js';
import { Cluster_host } from './Cluster_host.js';
import { console } from './console.js';
import { crashdump } from './crashdump.js';
import { Diagnostics } from './Diagnostics.js';
import { DR_task } from './DR_task.js';
import { Driver_variant } from './Driver_variant.js';
import { event } from './event.js';
import { GPU_group } from './GPU_group.js';
import { Host_driver } from './Host_driver.js';
import { host } from './host.js';
import { host_crashdump } from './host_crashdump.js';
import { host_patch } from './host_patch.js';
import { LVHD } from './LVHD.js';
import { message } from './message.js';
import { network } from './network.js';
import { network_sriov } from './network_sriov.js';
import { Observer } from './Observer.js';
import { PBD } from './PBD.js';
import { PCI } from './PCI.js';
import { PGPU } from './PGPU.js';
import { PIF } from './PIF.js';
import { PUSB } from './PUSB.js';
import { PVS_cache_storage } from './PVS_cache_storage.js';
import { PVS_proxy } from './PVS_proxy.js';
import { PVS_server } from './PVS_server.js';
import { PVS_site } from './PVS_site.js';
import { pool } from './pool.js';
import { pool_patch } from './pool_patch.js';
import { pool_update } from './pool_update.js';
import { Rate_limit } from './Rate_limit.js';
import { Repository } from './Repository.js';
import { role } from './role.js';
import { SDN_controller } from './SDN_controller.js';
import { SR } from './SR.js';
import { secret } from './secret.js';
import { session } from './session.js';
import { subject } from './subject.js';
import { task } from './task.js';
import { tunnel } from './tunnel.js';
import { USB_group } from './USB_group.js';
import { user } from './user.js';
import { VBD } from './VBD.js';
import { VDI } from './VDI.js';
import { VGPU } from './VGPU.js';
import { VIF } from './VIF.js';
import { VLAN } from './VLAN.js';
import { VM } from './VM.js';
import { VM_appliance } from './VM_appliance.js';
import { VM_group } from './VM_group.js';
import { VMSS } from './VMSS.js';
import { VTPM } from './VTPM.js';
import { VUSB } from './VUSB.js';

/** The behaviour of every class that has some. A class that is not here only stores. */
export const behaviours: Behaviours = {
  auth,
  blob,
  Bond,
  Caller,
  Cluster,
  Cluster_host,
  console,
  crashdump,
  Diagnostics,
  DR_task,
  Driver_variant,
  event,
  GPU_group,
  host,
  host_crashdump,
  Host_driver,
  host_patch,
  LVHD,
  message,
  network,
  network_sriov,
  Observer,
  PBD,
  PCI,
  PGPU,
  PIF,
  pool,
  pool_patch,
  pool_update,
  PUSB,
  PVS_cache_storage,
  PVS_proxy,
  PVS_server,
  PVS_site,
  Rate_limit,
  Repository,
  role,
  SDN_controller,
  secret,
  session,
  SR,
  subject,
  task,
  tunnel,
  USB_group,
  user,
  VBD,
  VDI,
  VGPU,
  VIF,
  VLAN,
  VM,
  VM_appliance,
  VM_group,
  VMSS,
  VTPM,
  VUSB,
};
