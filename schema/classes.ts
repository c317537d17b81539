/** Every class of the object model, in the model's own order. */
import { session } from './classes/session.js';
import { auth } from './classes/auth.js';
import { subject } from './classes/subject.js';
import { role } from './classes/role.js';
import { task } from './classes/task.js';
import { event } from './classes/event.js';
import { pool } from './classes/pool.js';
import { pool_patch } from './classes/pool_patch.js';
import { pool_update } from './classes/pool_update.js';
import { VM } from './classes/VM.js';
import { VM_metrics } from './classes/VM_metrics.js';
import { VM_guest_metrics } from './classes/VM_guest_metrics.js';
import { VMPP } from './classes/VMPP.js';
import { VMSS } from './classes/VMSS.js';
import { VM_appliance } from './classes/VM_appliance.js';
import { DR_task } from './classes/DR_task.js';
import { host } from './classes/host.js';
import { host_crashdump } from './classes/host_crashdump.js';
import { host_patch } from './classes/host_patch.js';
import { host_metrics } from './classes/host_metrics.js';
import { host_cpu } from './classes/host_cpu.js';
import { network } from './classes/network.js';
import { VIF } from './classes/VIF.js';
import { VIF_metrics } from './classes/VIF_metrics.js';
import { PIF } from './classes/PIF.js';
import { PIF_metrics } from './classes/PIF_metrics.js';
import { Bond } from './classes/Bond.js';
import { VLAN } from './classes/VLAN.js';
import { SM } from './classes/SM.js';
import { SR } from './classes/SR.js';
import { sr_stat } from './classes/sr_stat.js';
import { probe_result } from './classes/probe_result.js';
import { LVHD } from './classes/LVHD.js';
import { VDI } from './classes/VDI.js';
import { VBD } from './classes/VBD.js';
import { VBD_metrics } from './classes/VBD_metrics.js';
import { PBD } from './classes/PBD.js';
import { crashdump } from './classes/crashdump.js';
import { VTPM } from './classes/VTPM.js';
import { console } from './classes/console.js';
import { user } from './classes/user.js';
import { data_source } from './classes/data_source.js';
import { blob } from './classes/blob.js';
import { message } from './classes/message.js';
import { secret } from './classes/secret.js';
import { tunnel } from './classes/tunnel.js';
import { network_sriov } from './classes/network_sriov.js';
import { PCI } from './classes/PCI.js';
import { PGPU } from './classes/PGPU.js';
import { GPU_group } from './classes/GPU_group.js';
import { VGPU } from './classes/VGPU.js';
import { VGPU_type } from './classes/VGPU_type.js';
import { PVS_site } from './classes/PVS_site.js';
import { PVS_server } from './classes/PVS_server.js';
import { PVS_proxy } from './classes/PVS_proxy.js';
import { PVS_cache_storage } from './classes/PVS_cache_storage.js';
import { Feature } from './classes/Feature.js';
import { SDN_controller } from './classes/SDN_controller.js';
import { vdi_nbd_server_info } from './classes/vdi_nbd_server_info.js';
import { PUSB } from './classes/PUSB.js';
import { USB_group } from './classes/USB_group.js';
import { VUSB } from './classes/VUSB.js';
import { Cluster } from './classes/Cluster.js';
import { Cluster_host } from './classes/Cluster_host.js';
import { Certificate } from './classes/Certificate.js';
import { Diagnostics } from './classes/Diagnostics.js';
import { Repository } from './classes/Repository.js';
import { Observer } from './classes/Observer.js';
import { VM_group } from './classes/VM_group.js';
import { Host_driver } from './classes/Host_driver.js';
import { Driver_variant } from './classes/Driver_variant.js';
import { Caller } from './classes/Caller.js';
import { Rate_limit } from './classes/Rate_limit.js';

export const classes = {
  session,
  auth,
  subject,
  role,
  task,
  event,
  pool,
  pool_patch,
  pool_update,
  VM,
  VM_metrics,
  VM_guest_metrics,
  VMPP,
  VMSS,
  VM_appliance,
  DR_task,
  host,
  host_crashdump,
  host_patch,
  host_metrics,
  host_cpu,
  network,
  VIF,
  VIF_metrics,
  PIF,
  PIF_metrics,
  Bond,
  VLAN,
  SM,
  SR,
  sr_stat,
  probe_result,
  LVHD,
  VDI,
  VBD,
  VBD_metrics,
  PBD,
  crashdump,
  VTPM,
  console,
  user,
  data_source,
  blob,
  message,
  secret,
  tunnel,
  network_sriov,
  PCI,
  PGPU,
  GPU_group,
  VGPU,
  VGPU_type,
  PVS_site,
  PVS_server,
  PVS_proxy,
  PVS_cache_storage,
  Feature,
  SDN_controller,
  vdi_nbd_server_info,
  PUSB,
  USB_group,
  VUSB,
  Cluster,
  Cluster_host,
  Certificate,
  Diagnostics,
  Repository,
  Observer,
  VM_group,
  Host_driver,
  Driver_variant,
  Caller,
  Rate_limit,
} as const;
