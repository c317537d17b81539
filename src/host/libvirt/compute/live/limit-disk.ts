import { DomainModificationImpact } from 'node-libvirt';
import type { DiskSpec } from '../../../compute.js';
import { LIMIT_NAMES, limitsOf } from '../../domain-xml/disk-device.js';
import { asHost } from '../../errors.js';
import type { ComputeContext } from '../context.js';
import { attachedDrive } from './elements.js';

/**
 * Limits how fast a disk of a living domain is; what it is told no limit for has none any more. The definition follows the record
 * of the VM by itself. Throws DEVICE_NOT_ATTACHED.
 */
export async function limitDisk(
  context: ComputeContext,
  uuid: string,
  { vbd, qos }: Pick<DiskSpec, 'vbd' | 'qos'>,
): Promise<void> {
  const dom = await context.live(uuid);
  const { target } = attachedDrive(await context.liveXml(uuid), vbd);
  const limits = limitsOf(qos);
  // Zero takes a limit away.
  const params = LIMIT_NAMES.map((field) => ({ field, type: 'ullong', value: BigInt(limits[field] ?? 0) }) as const);
  await asHost({ vm: uuid, device: { class: 'VBD', uuid: vbd } }, () =>
    context.session.call('DOMAIN_SET_BLOCK_IO_TUNE', { dom, disk: target, params, flags: DomainModificationImpact.LIVE }),
  );
}
