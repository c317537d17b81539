import { readFile } from 'node:fs/promises';

/** Something that is mounted. */
export interface Mounted {
  /** Where, as an absolute path. */
  readonly point: string;
  /** Kind of file system, as the kernel calls it. */
  readonly type: string;
  /** What was mounted: a device, or a directory of a server. */
  readonly source: string;
}

/** What is mounted where this process lives, in the order in which it was. */
export async function readMountTable(): Promise<readonly Mounted[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Reads the kernel's table: fields separated by blanks, an unknown number of them before a lone dash. */
export function parseMountTable(text: string): readonly Mounted[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [point, type, source] = [fields[4], fields[dash + 1], fields[dash + 2]];
    if (dash < 0 || point === undefined || type === undefined || source === undefined) return [];
    return [{ point: unescaped(point), type, source: unescaped(source) }];
  });
}

/** Blanks and backslashes are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
