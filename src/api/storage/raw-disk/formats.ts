/** Forms in which the content of a disk is sent and taken. */
export const DISK_FORMATS = ['raw', 'vhd', 'qcow2', 'tar'] as const;

/** A form in which the content of a disk is sent and taken. */
export type DiskFormat = (typeof DISK_FORMATS)[number];

/** The form of a name; undefined for one that is not known. */
export function diskFormat(name: string): DiskFormat | undefined {
  return DISK_FORMATS.find((format) => format === name);
}

/** Media types of the forms. */
export const CONTENT_TYPES: Readonly<Record<DiskFormat, string>> = {
  raw: 'application/octet-stream',
  vhd: 'application/vhd',
  qcow2: 'application/x-qemu-disk',
  tar: 'application/x-tar',
};
