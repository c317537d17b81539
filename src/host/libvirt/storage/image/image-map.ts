import { createInterface } from 'node:readline';
import type { VolumeSource } from '../../volume-source.js';
import { ended, startProgram } from './program.js';

/** Data of a disk that lies as it is in a file. In bytes. */
export interface MappedData {
  readonly offset: number;
  readonly length: number;
  /** Where it begins in the file. */
  readonly at: number;
  readonly file: string;
}

/** Most parts that are told: a list of these takes some 20 MB. Disks in more of them are read in another way. */
const MOST_PARTS = 2 ** 18;

/** A line of what QEMU prints for people: numbers in hexadecimal, then the name as it stands. */
const LINE = /^(0x[0-9a-f]{1,13}|0) +(0x[0-9a-f]{1,13}|0) +(0x[0-9a-f]{1,13}|0) +(\/.*)$/;

/**
 * Where the data of a disk lies in the files of its image and those below, ascending; everything else is zeros. Undefined where
 * some of it does not lie as it is in any file, such as what is compressed, or in too many parts.
 */
export async function mapImage({
  path,
  format,
}: Pick<VolumeSource, 'path' | 'format'>): Promise<readonly MappedData[] | undefined> {
  const program = startProgram('qemu-img', ['map', '-f', format, path]);
  const end = ended(program).then(
    () => true,
    () => false,
  );
  const found: MappedData[] = [];
  let isWhole = true;
  for await (const line of createInterface({ input: program.stdout })) {
    if (line.startsWith('Offset ') || !isWhole) continue;
    const part = parse(line);
    const last = found.at(-1);
    const follows = part === undefined || last === undefined || part.offset >= last.offset + last.length;
    isWhole = part !== undefined && follows && found.length < MOST_PARTS;
    if (part !== undefined && isWhole) found.push(part);
    else program.kill();
  }
  return (await end) && isWhole ? found : undefined;
}

function parse(line: string): MappedData | undefined {
  const [, offset, length, at, file] = LINE.exec(line) ?? [];
  return file === undefined ? undefined : { offset: Number(offset), length: Number(length), at: Number(at), file };
}
