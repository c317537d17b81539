import { enums } from '../../../schema/enums.js';
import type { Database, Patch } from '../../db/database.js';
import type { Volume, VolumeLabel } from '../../host/storage.js';
import { normaliseDateTime } from '../../model/datetime.js';
import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { EnumValue, Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { pluggedHosts, storageForVdi, volumeAddress } from './placement.js';

/** Key in the other_config of the hidden snapshot to which a disk goes back at each start; its value is the disk. */
export const RESET_BASE_OF = 'reset-base-of';

/** Fields of a VDI of which storage keeps something, other than by its data. */
export const LABELLED = [
  'name_label',
  'name_description',
  'type',
  'managed',
  'is_a_snapshot',
  'snapshot_of',
  'snapshot_time',
  'sharable',
  'read_only',
  'on_boot',
  'allow_caching',
] as const satisfies readonly (keyof Fields<'VDI'>)[];

/** Fields of a VDI that is there, or is about to be. */
type Labelled = Patch<'VDI'>;

/**
 * What storage is to keep of a VDI besides its names, so that the disk is the same one where the SR is introduced anew. What every plain
 * disk has is left out.
 */
export function labelProperties(db: Database, vdi: Labelled): VolumeLabel['properties'] {
  const properties = new Map<string, string>();
  const say = (key: string, value: string | undefined): void => void (value !== undefined && properties.set(key, value));
  if (vdi.type !== 'user') say('type', vdi.type);
  if (vdi.is_a_snapshot) {
    say('is_a_snapshot', 'true');
    say('snapshot_of', db.find('VDI', vdi.snapshot_of ?? NULL_REF)?.fields.uuid);
    say('snapshot_time', vdi.snapshot_time);
  }
  for (const flag of ['sharable', 'read_only', 'allow_caching'] as const) if (vdi[flag]) say(flag, 'true');
  if (vdi.on_boot === 'reset') say('on_boot', vdi.on_boot);
  const base = db.find('VDI', vdi.other_config?.get(RESET_BASE_OF) ?? NULL_REF);
  say(RESET_BASE_OF, base?.fields.uuid);
  return properties;
}

/** What storage kept of a volume, as fields of a new VDI. What names other disks is not among them: those may come later. */
export function labelledFields({ properties, readOnly }: Volume): Patch<'VDI'> {
  if (properties === undefined) return {};
  const type = typeOf(properties.get('type'));
  const is = (flag: string): boolean => properties.get(flag) === 'true';
  const time = normaliseDateTime(properties.get('snapshot_time') ?? '');
  const isSnapshot = is('is_a_snapshot');
  return {
    ...(type && { type }),
    is_a_snapshot: isSnapshot,
    ...(isSnapshot && time !== undefined && { snapshot_time: time }),
    sharable: is('sharable'),
    // Nothing can be written to a snapshot in any case: the field says what its disk was.
    read_only: is('read_only') || (readOnly && !isSnapshot),
    allow_caching: is('allow_caching'),
    on_boot: properties.get('on_boot') === 'reset' ? 'reset' : 'persist',
  };
}

/** Joins new VDIs with the disks of the SR that storage named with them. */
export function joinLabelled(db: Database, sr: Ref<'SR'>, made: Iterable<readonly [Ref<'VDI'>, Volume]>): void {
  for (const [vdi, { properties }] of made) {
    const origin = diskOf(db, sr, properties?.get('snapshot_of'));
    if (origin !== undefined && db.get('VDI', vdi).is_a_snapshot) db.set('VDI', vdi, { snapshot_of: origin });
    const reset = diskOf(db, sr, properties?.get(RESET_BASE_OF));
    if (reset !== undefined) db.set('VDI', vdi, { managed: false, other_config: new Map([[RESET_BASE_OF, reset]]) });
  }
}

/** Has storage keep what is said of a VDI now. What cannot be kept is logged: the database has it. */
export async function writeLabel(api: Api, vdi: Ref<'VDI'>): Promise<void> {
  const { db } = api;
  try {
    const fields = db.find('VDI', vdi)?.fields;
    // Of a disk whose data was destroyed or is away, storage keeps nothing.
    if (fields === undefined || fields.missing || fields.type === 'cbt_metadata') return;
    if (!db.exists('SR', fields.SR) || pluggedHosts(db, fields.SR).length === 0) return;
    const { name_label: name, name_description: description } = fields;
    const properties = labelProperties(db, fields);
    await storageForVdi(api, vdi).labelVolume(volumeAddress(api, vdi), { name, description, properties });
  } catch (thrown) {
    if (!(thrown instanceof ApiError && GONE.has(thrown.code)))
      api.log.warn({ err: thrown, vdi: db.find('VDI', vdi)?.fields.uuid }, 'what is said of a disk could not be kept with it');
  }
}

/** The disk or its SR went meanwhile. */
const GONE: ReadonlySet<string> = new Set(['VDI_MISSING', 'SR_NOT_ATTACHED', 'SR_HAS_NO_PBDS', 'HANDLE_INVALID', 'HOST_OFFLINE']);

/** Has storage keep what it does not know yet of disks of an SR: what earlier versions left, or a write that failed. */
export async function bringLabelsUp(api: Api, sr: Ref<'SR'>, volumes: readonly Volume[]): Promise<void> {
  const { db } = api;
  const kept = new Map(volumes.map(({ location, properties }) => [location, properties]));
  for (const vdi of db.find('SR', sr)?.fields.VDIs ?? []) {
    const fields = db.find('VDI', vdi)?.fields;
    const properties = fields && kept.get(fields.location);
    if (fields && properties && !isSame(labelProperties(db, fields), properties)) await writeLabel(api, vdi);
  }
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function diskOf(db: Database, sr: Ref<'SR'>, uuid: string | undefined): Ref<'VDI'> | undefined {
  const vdi = uuid === undefined ? undefined : db.table('VDI').refsByUuid.get(uuid);
  return vdi !== undefined && db.get('VDI', vdi).SR === sr ? (vdi as Ref<'VDI'>) : undefined;
}

/** What lies on storage may be anything; data alone makes no record of changes. */
function typeOf(text: string | undefined): EnumValue<'vdi_type'> | undefined {
  const type = enums.vdi_type.find((value) => value === text);
  return type === 'cbt_metadata' ? undefined : type;
}
