import { open } from 'node:fs/promises';
import { readAt } from './identify.js';
import { parseQcow2, QCOW2_HEADER } from './qcow2-header.js';

/** Whether nothing was ever written into a qcow2 image that nobody has open: its table of the first level is empty. */
export async function isUnwrittenQcow2(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const header = parseQcow2(await readAt(file, 0, QCOW2_HEADER));
    if (header === undefined) return false;
    const { offset, entries } = header.l1;
    return (await readAt(file, offset, entries * 8)).every((byte) => byte === 0);
  } finally {
    await file.close();
  }
}
