import type { TextMap } from './persona.js';

/** `restrict_x` is "true" when the feature is off. The few others say what they say. */
const RESTRICTIONS = [
  'restrict_vlan',
  'restrict_qos',
  'restrict_pool_attached_storage',
  'restrict_netapp',
  'restrict_equalogic',
  'restrict_pooling',
  'restrict_marathon',
  'restrict_email_alerting',
  'restrict_historical_performance',
  'restrict_wlb',
  'restrict_rbac',
  'restrict_dmc',
  'restrict_checkpoint',
  'restrict_cpu_masking',
  'restrict_connection',
  'platform_filter',
  'regular_nag_dialog',
  'restrict_vmpr',
  'restrict_intellicache',
  'restrict_gpu',
  'restrict_dr',
  'restrict_vif_locking',
  'restrict_storage_xen_motion',
  'restrict_vswitch_controller',
  'restrict_batch_hotfix_apply',
  'restrict_hotfix_apply',
] as const;

/** Came with later versions. */
const LATER_RESTRICTIONS = [
  'restrict_vmss',
  'restrict_vgpu',
  'restrict_integrated_gpu_passthrough',
  'restrict_vss',
  'restrict_guest_agent_auto_update',
  'restrict_pci_device_for_auto_update',
  'restrict_xen_motion',
  'restrict_guest_ip_setting',
  'restrict_ad',
  'restrict_nested_virt',
  'restrict_live_patching',
  'restrict_set_vcpus_number_live',
  'restrict_pvs_proxy',
  'restrict_igmp_snooping',
  'restrict_rpu',
  'restrict_pool_size',
  'restrict_cbt',
  'restrict_usb_passthrough',
  'restrict_network_sriov',
  'restrict_corosync',
  'restrict_cluster_address',
  'restrict_zstd_export',
  'restrict_cifs',
  'restrict_xcm',
  'restrict_health_check',
  'restrict_read_caching',
  'restrict_export_resource_data',
  'restrict_management_on_vlan',
  'restrict_ssl_legacy_switch',
] as const;

/** Came with XenServer 8 and XCP-ng 8.3; some reached the last updates of 8.2. */
const LATEST_RESTRICTIONS = [
  'restrict_pool_secret_rotation',
  'restrict_certificate_verification',
  'restrict_updates',
  'restrict_internal_repo_access',
  'restrict_vtpm',
  'restrict_vm_groups',
] as const;

/**
 * What this server does not do. Saying so hides the tabs, menus and wizards for it in XenCenter, which would otherwise
 * lead the user into errors.
 */
const NOT_OFFERED: ReadonlySet<string> = new Set([
  'restrict_wlb',
  'restrict_marathon',
  'restrict_vmpr',
  'restrict_dr',
  'restrict_intellicache',
  'restrict_gpu',
  'restrict_vgpu',
  'restrict_integrated_gpu_passthrough',
  'restrict_vswitch_controller',
  'restrict_ad',
  'restrict_live_patching',
  'restrict_pvs_proxy',
  'restrict_usb_passthrough',
  'restrict_network_sriov',
  'restrict_corosync',
  'restrict_cluster_address',
  'restrict_xcm',
  'restrict_health_check',
  'restrict_igmp_snooping',
  'restrict_vm_groups',
]);

/** Generations of the list: each has the keys of the earlier ones and more. */
export type FeatureGeneration = 'xcp' | '8.2' | '8.3';

/** The restrictions of a generation. High availability is the only feature that is named in the positive. */
export function restrictions(generation: FeatureGeneration): TextMap {
  const keys: string[] = [...RESTRICTIONS];
  if (generation !== 'xcp') keys.push(...LATER_RESTRICTIONS);
  if (generation === '8.3') keys.push(...LATEST_RESTRICTIONS);
  return { enable_xha: 'true', ...Object.fromEntries(keys.map((key) => [key, String(NOT_OFFERED.has(key))])) };
}
