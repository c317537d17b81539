import type { OvfDisk } from '../../../../wire/ovf/envelope.js';
import type { TakenFormat } from '../../../storage/raw-disk/formats.js';

/** How the files of disks end. */
const ENDINGS: Readonly<Record<string, TakenFormat>> = {
  vmdk: 'vmdk',
  vhd: 'vhd',
  vhdx: 'vhdx',
  qcow2: 'qcow2',
  qcow: 'qcow2',
  raw: 'raw',
  img: 'raw',
};

/** Words in the addresses that stand for formats. */
const WORDS: readonly (readonly [RegExp, TakenFormat])[] = [
  [/vmdk/i, 'vmdk'],
  [/vhdx/i, 'vhdx'],
  [/vhd|bb676673/i, 'vhd'],
  [/qcow/i, 'qcow2'],
];

/**
 * In which format the content of a disk is, by its file's name, else by what the appliance says: never by the content, which may be a
 * guest's.
 */
export function formatOf(href: string, { format }: OvfDisk): TakenFormat {
  const [, ending = ''] = /\.(\w+)$/.exec(href.replace(/\.gz$/i, '')) ?? [];
  return ENDINGS[ending.toLowerCase()] ?? WORDS.find(([pattern]) => pattern.test(format))?.[1] ?? 'raw';
}
