import { basename } from 'node:path';
import type { FoundDisk } from '../../host/compute.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { standInTask } from '../stand-in-task.js';
import { scanSr } from '../storage/scan.js';
import { plugPbd, srSpec } from '../storage/sr-attach.js';

/** The VDIs that the disks of a found domain are, by the uuids of their drives. Drives without one are left out. */
export type FoundVdis = ReadonlyMap<string, Ref<'VDI'>>;

/** What the host needs for an SR that covers a disk, as one text. */
function keyOf({ type, deviceConfig }: NonNullable<FoundDisk['uncovered']>): string {
  return JSON.stringify([type, ...[...deviceConfig].sort()]);
}

/**
 * Finds the VDI of each disk of some domains. A disk that lies where no SR is gets one: it covers the disk's directory, pool or volume
 * group, with everything else in it. What cannot be covered has no VDI, and a line in the log says so.
 */
export async function findVdis(api: Api, host: Ref<'host'>, disks: readonly FoundDisk[]): Promise<FoundVdis> {
  const scanned = new Set<string>();
  const found = new Map<string, Ref<'VDI'>>();
  for (const disk of disks) {
    try {
      const vdi = await findVdi(api, host, disk, scanned);
      if (vdi) found.set(disk.vbd, vdi);
    } catch (thrown) {
      api.log.warn({ err: thrown, vbd: disk.vbd }, 'a disk of a domain on the host cannot be shown as a VDI');
    }
  }
  return found;
}

async function findVdi(api: Api, host: Ref<'host'>, disk: FoundDisk, scanned: Set<string>): Promise<Ref<'VDI'> | undefined> {
  const { volume, uncovered } = disk;
  if (volume) {
    const sr = api.db.table('SR').refsByUuid.get(volume.sr) as Ref<'SR'> | undefined;
    return sr && vdiAt(api, sr, volume.location, scanned);
  }
  if (!uncovered) return undefined;
  const key = keyOf(uncovered);
  const sr = coveringSr(api, host, key) ?? (await introduceCover(api, host, uncovered));
  return vdiAt(api, sr, uncovered.location, scanned);
}

/** A file that came after the last scan is found by another one: one for each SR and turn. */
async function vdiAt(api: Api, sr: Ref<'SR'>, location: string, scanned: Set<string>): Promise<Ref<'VDI'> | undefined> {
  const find = () => api.db.get('SR', sr).VDIs.find((vdi) => api.db.get('VDI', vdi).location === location);
  const known = find();
  if (known || scanned.has(sr)) return known;
  scanned.add(sr);
  await scanSr(api, standInTask({ local: true, address: '' }), sr);
  return find();
}

function coveringSr({ db }: Api, host: Ref<'host'>, key: string): Ref<'SR'> | undefined {
  for (const pbd of db.get('host', host).PBDs) {
    const { SR: sr, device_config, currently_attached } = db.get('PBD', pbd);
    if (currently_attached && keyOf({ type: db.get('SR', sr).type, deviceConfig: device_config, location: '' }) === key)
      return sr;
  }
  return undefined;
}

async function introduceCover(
  api: Api,
  host: Ref<'host'>,
  { type, deviceConfig }: NonNullable<FoundDisk['uncovered']>,
): Promise<Ref<'SR'>> {
  const { db } = api;
  const place = deviceConfig.get('location') ?? [...deviceConfig.values()][0] ?? '';
  const contentType =
    api.hosts
      .get(host)
      .storage.drivers()
      .find((driver) => driver.type === type)?.contentType ?? 'user';
  const [sr, pbd] = db.transaction(() => {
    const made = db.create('SR', {
      name_label: basename(place) || place,
      name_description: `${place}, found on the host`,
      type,
      content_type: contentType,
      default_vdi_visibility: true,
    });
    return [made, db.create('PBD', { host, SR: made, device_config: deviceConfig, currently_attached: false })] as const;
  });
  try {
    const { storage } = api.hosts.get(host);
    // A directory of disks becomes an SR; CD images need no more than being there.
    if (contentType !== 'iso') await storage.createSr(srSpec(api, sr, host, deviceConfig), 0);
    await plugPbd(api, standInTask({ local: true, address: '' }), pbd);
  } catch (thrown) {
    db.transaction(() => {
      db.destroy('PBD', pbd);
      db.destroy('SR', sr);
    });
    throw thrown;
  }
  api.log.info({ sr: db.get('SR', sr).uuid, place }, 'an SR was made for disks of domains that were found');
  return sr;
}

/** The VDI in a drive, as its VBD has it. */
export function vdiInDrive(vdis: FoundVdis, disk: FoundDisk): { readonly VDI: Ref<'VDI'>; readonly empty: boolean } {
  const vdi = vdis.get(disk.vbd);
  return { VDI: vdi ?? NULL_REF, empty: vdi === undefined };
}
