import { badFile } from '../../xva/file-error.js';

/** What stands for no other disk below this one. */
const NO_PARENT = 'ffffffff';
const PARENT_KEY = 'parentcid=';
const EXTENT = /^(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)/;

/** Throws IMPORT_ERROR where the text in a VMDK says that the disk is not whole in this file; nothing that it names is opened. */
export function assertWhole(text: string): void {
  const lines = (text.split('\0', 1)[0] ?? '').split(/\r?\n/).map((line) => line.trim());
  const parent = lines.find((line) => line.toLowerCase().startsWith(PARENT_KEY))?.slice(PARENT_KEY.length);
  if (parent !== undefined && parent.toLowerCase() !== NO_PARENT)
    throw badFile('the VMDK is not whole: it only has differences to another disk');
  const extents = lines.flatMap((line) => EXTENT.exec(line)?.[1] ?? []);
  if (extents.length !== 1 || extents[0] !== 'SPARSE')
    throw badFile('the VMDK is not whole: its data lies in several files or in another one');
}
