import { DomainDeviceModifyFlags } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { DiskSpec } from '../../../compute.js';
import { isReadonly } from '../../domain-xml/disk-device.js';
import { devicePlace, diskDevice } from '../../domain-xml/find-device.js';
import { formatXml, parseXml } from '../../domain-xml/xml.js';
import { asHost } from '../../errors.js';
import type { VolumeSource } from '../../volume-source.js';
import type { ComputeContext } from '../context.js';
import { inDefinition } from './definition.js';
import { rememberDisks } from './disk-users.js';
import { aliasOf, driveAt, driveOf, targetOf } from './elements.js';
import { readLiving } from './found.js';
import { noteDevices, noted, withDisk } from './own-data.js';
import { unplug } from './unplug.js';

/**
 * Plugs a disk into a living domain. Throws DEVICE_ALREADY_ATTACHED where it or another has its place, VBD_IS_EMPTY for a disk
 * without a volume, SR_NOT_ATTACHED, VDI_MISSING, VDI_READONLY.
 */
export async function attachDisk(context: ComputeContext, uuid: string, disk: DiskSpec): Promise<void> {
  const { session, sources } = context;
  const dom = await context.live(uuid);
  const { live, found } = await readLiving(context, uuid);
  for (const other of found.disks) {
    const isThere = driveOf(live, other.vbd) !== undefined;
    if (isThere && (other.vbd === disk.vbd || other.position === disk.position)) {
      throw new ApiError('DEVICE_ALREADY_ATTACHED', disk.vbd);
    }
  }
  const source = await sourceFor(context, disk);
  const xml = diskDevice(disk, source, devicePlace(live));
  const target = targetOf(parseXml(xml));
  const stored = { ...disk, target, path: source?.path, readonly: isReadonly(disk, source), leftOut: false };
  await noted(context, dom, withDisk(disk.vbd, stored), () =>
    asHost({ vm: uuid, device: { class: 'VBD', uuid: disk.vbd }, locate: (path) => sources.locate(path) }, () =>
      session.call('DOMAIN_ATTACH_DEVICE_FLAGS', { dom, xml, flags: DomainDeviceModifyFlags.LIVE }),
    ),
  );
  await rememberDisks(context, uuid);
  await inDefinition(context, dom, async (inactive, definition) => {
    if (driveOf(definition, disk.vbd)) return;
    await session.call('DOMAIN_ATTACH_DEVICE_FLAGS', { dom: inactive, xml, flags: DomainDeviceModifyFlags.CONFIG });
  });
}

/** Takes a disk out of a living domain. Throws DEVICE_ALREADY_DETACHED, DEVICE_DETACH_REJECTED, DEVICE_DETACH_TIMEOUT. */
export async function detachDisk(context: ComputeContext, uuid: string, vbd: string, force: boolean): Promise<void> {
  const { session } = context;
  const dom = await context.live(uuid);
  const found = driveOf(await context.liveXml(uuid), vbd);
  if (found === undefined) throw new ApiError('DEVICE_ALREADY_DETACHED', vbd);
  const alias = aliasOf(found.element);
  await unplug(context, dom, { class: 'VBD', uuid: vbd, alias, present: (xml) => driveOf(xml, vbd) !== undefined }, force);
  await rememberDisks(context, uuid);
  await inDefinition(context, dom, async (inactive, definition) => {
    const defined = driveAt(definition, found.target);
    if (defined?.uuid === vbd) {
      const flags = DomainDeviceModifyFlags.CONFIG;
      await session.call('DOMAIN_DETACH_DEVICE_FLAGS', { dom: inactive, xml: formatXml(defined.element), flags });
    }
    await noteDevices(context, inactive, definition, withDisk(vbd, undefined));
  });
}

async function sourceFor(
  { sources }: ComputeContext,
  { vbd, kind, volume, writable }: DiskSpec,
): Promise<VolumeSource | undefined> {
  if (volume === undefined) {
    if (kind === 'Disk') throw new ApiError('VBD_IS_EMPTY', vbd);
    return undefined;
  }
  const source = await sources.source(volume);
  if (writable && source.readOnly) throw new ApiError('VDI_READONLY', volume.location);
  return source;
}
