import { DomainDeviceModifyFlags } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { VolumeAddress } from '../../../storage.js';
import { formatXml } from '../../domain-xml/xml.js';
import { asHost } from '../../errors.js';
import type { VolumeSource } from '../../volume-source.js';
import type { ComputeContext } from '../context.js';
import { inDefinition } from './definition.js';
import { attachedDrive, driveAt, setSource } from './elements.js';
import { noteDevices, withSource } from './own-data.js';

/** Puts a volume into an empty drive. Throws DEVICE_NOT_ATTACHED, VBD_NOT_REMOVABLE_MEDIA, VBD_NOT_EMPTY, VDI_MISSING. */
export async function insertMedium(context: ComputeContext, uuid: string, vbd: string, volume: VolumeAddress): Promise<void> {
  await changeMedium(context, uuid, vbd, volume, await context.sources.source(volume));
}

/** Empties a drive, also when the guest has locked its tray. Throws DEVICE_NOT_ATTACHED, VBD_NOT_REMOVABLE_MEDIA, VBD_IS_EMPTY. */
export async function ejectMedium(context: ComputeContext, uuid: string, vbd: string): Promise<void> {
  await changeMedium(context, uuid, vbd, undefined, undefined);
}

async function changeMedium(
  context: ComputeContext,
  uuid: string,
  vbd: string,
  volume: VolumeAddress | undefined,
  medium: VolumeSource | undefined,
): Promise<void> {
  const { session, sources } = context;
  const dom = await context.live(uuid);
  const { element, kind, filled, target } = attachedDrive(await context.liveXml(uuid), vbd);
  if (kind !== 'CD') throw new ApiError('VBD_NOT_REMOVABLE_MEDIA', vbd);
  if (medium !== undefined && filled) throw new ApiError('VBD_NOT_EMPTY', vbd);
  if (medium === undefined && !filled) throw new ApiError('VBD_IS_EMPTY', vbd);
  setSource(element, medium);
  // A guest locks the tray while it has the medium mounted; whoever ejects from outside means it all the same.
  const flags = DomainDeviceModifyFlags.LIVE | (medium === undefined ? DomainDeviceModifyFlags.FORCE : 0);
  await asHost({ vm: uuid, device: { class: 'VBD', uuid: vbd }, locate: (path) => sources.locate(path) }, () =>
    session.call('DOMAIN_UPDATE_DEVICE_FLAGS', { dom, xml: formatXml(element), flags }),
  );
  await inDefinition(context, dom, async (inactive, definition) => {
    const defined = driveAt(definition, target)?.element;
    if (defined !== undefined) {
      setSource(defined, medium);
      const config = DomainDeviceModifyFlags.CONFIG;
      await session.call('DOMAIN_UPDATE_DEVICE_FLAGS', { dom: inactive, xml: formatXml(defined), flags: config });
    }
    await noteDevices(context, inactive, definition, withSource(vbd, { volume, path: medium?.path }));
  });
}
