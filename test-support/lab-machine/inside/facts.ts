import { execFile } from 'node:child_process';
import { release } from 'node:os';
import { promisify } from 'node:util';

/** What a program of ours finds in the machine. `program` is one of LVM. */
export default async function facts({ program }: { readonly program: string }): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await promisify(execFile)(program, ['version']);
  return { node: process.version, kernel: release(), lvm: /LVM version:\s+(\S+)/.exec(stdout)?.[1] ?? '' };
}
