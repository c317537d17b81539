/** Forms in which the content of a disk is sent. */
const SENT_FORMATS = ['raw', 'vhd', 'qcow2', 'tar'] as const;

/** Forms in which the content of a disk is taken: those, and what other products write. */
const TAKEN_FORMATS = [...SENT_FORMATS, 'vmdk', 'vhdx'] as const;

/** A form in which the content of a disk is sent. */
export type SentFormat = (typeof SENT_FORMATS)[number];

/** A form in which the content of a disk is taken. */
export type TakenFormat = (typeof TAKEN_FORMATS)[number];

/** The form of a name in which content is sent; undefined for one that is not known. */
export function sentFormat(name: string): SentFormat | undefined {
  return SENT_FORMATS.find((format) => format === name);
}

/** The form of a name in which content is taken; undefined for one that is not known. */
export function takenFormat(name: string): TakenFormat | undefined {
  return TAKEN_FORMATS.find((format) => format === name);
}

/** Media types of the forms. */
export const CONTENT_TYPES: Readonly<Record<SentFormat, string>> = {
  raw: 'application/octet-stream',
  vhd: 'application/vhd',
  qcow2: 'application/x-qemu-disk',
  tar: 'application/x-tar',
};
