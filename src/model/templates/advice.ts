import type { TemplateSettings } from '../../../schema/templates/define.js';
import { bytesOf } from './amount.js';
import type { Restriction } from './recommendations.js';

/** Devices of a VM, where a template does not say less. */
const MAX_DISKS = 255;
const MAX_NETWORKS = 7;

/** The limits of a template in the order in which templates have always had them. */
export function restrictionsOf({ limits = {}, allows = {}, supports, hasVendorDevice = false }: TemplateSettings): Restriction[] {
  const { memory, vcpusMin, vcpusMax, disks = MAX_DISKS, networks = MAX_NETWORKS } = limits;
  const list: Restriction[] = [];
  if (memory !== undefined) list.push({ field: 'memory-static-max', max: String(bytesOf(memory)) });
  if (vcpusMin !== undefined) list.push({ field: 'vcpus-min', min: String(vcpusMin) });
  if (vcpusMax !== undefined) list.push({ field: 'vcpus-max', max: String(vcpusMax) });
  list.push({ field: 'has-vendor-device', value: String(hasVendorDevice) });
  for (const [field, allowed] of [
    ['allow-gpu-passthrough', allows.gpu],
    ['allow-vgpu', allows.vgpu],
    ['allow-network-sriov', allows.sriov],
  ] as const)
    if (allowed !== undefined) list.push({ field, value: allowed ? '1' : '0' });
  if (supports)
    for (const [field, supported] of [
      ['supports-bios', supports.bios],
      ['supports-uefi', supports.uefi],
      ['supports-secure-boot', supports.secureBoot],
    ] as const)
      list.push({ field, value: supported ? 'yes' : 'no' });
  list.push({ property: 'number-of-vbds', max: String(disks) }, { property: 'number-of-vifs', max: String(networks) });
  return list;
}
