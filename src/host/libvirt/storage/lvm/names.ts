import { isUuid } from '../../../uuid-text.js';

/** In front of every name of ours, so that none can be taken for one of somebody else. */
const OURS = 'xenapi-';
const DISK = `${OURS}disk-`;
const MEMORY = `${OURS}memory-`;
/** Volume groups of XCP and XenServer hosts: the uuid of their SR follows. */
const XCP = 'VG_XenStorage-';

/** Names that LVM takes for volumes and volume groups, with the length that its device names leave. */
const NAME = /^[A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,100}$/;

/** Whether a text can be the name of a volume or a volume group. */
export function isLvmName(text: string): boolean {
  return NAME.test(text) && text !== '.' && text !== '..';
}

/** Name of the volume group that is made for an SR. */
export function groupNameOf(sr: string): string {
  return OURS + sr;
}

/** Uuid of the SR of an XCP or XenServer host that a volume group is; undefined for any other one. */
export function xcpSrOf(group: string): string | undefined {
  const uuid = group.startsWith(XCP) ? group.slice(XCP.length) : '';
  return isUuid(uuid) ? uuid : undefined;
}

/** Name of the volume group of an SR of an XCP or XenServer host. */
export function xcpGroupOf(sr: string): string {
  return XCP + sr;
}

/** Name of the volume that is a layer of a disk. */
export function diskName(uuid: string): string {
  return DISK + uuid;
}

/** What `diskName` was given; undefined for other names. */
export function diskUuid(name: string): string | undefined {
  const uuid = name.startsWith(DISK) ? name.slice(DISK.length) : '';
  return isUuid(uuid) ? uuid : undefined;
}

/** Name of the volume that takes the memory of a domain, for the disk that was made for it. */
export function memoryName(disk: string): string {
  return MEMORY + disk;
}

/** Whether a volume is one of ours by its name. */
export function isOurName(name: string): boolean {
  return name.startsWith(OURS);
}

/** Whether a volume of an XCP or XenServer host is a VHD by its name, which no guest can change. */
export function isXcpVhd(name: string): boolean {
  return name.startsWith('VHD-');
}

/** Whether a volume of an XCP or XenServer host holds notes of its own and no disk. */
export function isXcpNotes(name: string): boolean {
  return name === 'MGT' || !/^(?:VHD|LV)-/.test(name);
}

/** Name of a device as device-mapper has it: the hyphen stands between the two names, those within are doubled. */
export function mapperName(group: string, volume: string): string {
  return `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;
}
