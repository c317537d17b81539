import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../files/atomic-write.js';

const addresses = z.object({
  http: z.string().optional(),
  https: z.string().optional(),
  unix: z.string().optional(),
  pid: z.number().int(),
});

/** Where a daemon serves: URLs, without those that are off, and its process id. */
export type Addresses = Readonly<z.infer<typeof addresses>>;

/** File by which scripts find the daemon of a data directory. */
export function addressesPath(dataDir: string): string {
  return join(dataDir, 'addresses.json');
}

/** Tells where this daemon serves. Called when it does, so that whoever waits for the file can connect at once. */
export async function writeAddresses(dataDir: string, where: Addresses): Promise<void> {
  // Readable for all, unlike the rest of the directory: it tells no secret.
  await writeFileAtomically(addressesPath(dataDir), `${JSON.stringify(where)}\n`, 0o644);
}

/** Where the daemon of a data directory says that it serves; undefined when none does. After a crash the file is left over: check the pid. */
export async function readAddresses(dataDir: string): Promise<Addresses | undefined> {
  try {
    return parse(await readFile(addressesPath(dataDir), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Takes the file away at the end, unless another daemon has written it since. Synchronous, for the last moment of a process. */
export function removeAddresses(dataDir: string, pid: number = process.pid): void {
  try {
    if (parse(readFileSync(addressesPath(dataDir), 'utf8')).pid === pid) rmSync(addressesPath(dataDir));
  } catch {
    // It is gone already, or not ours to judge.
  }
}

function parse(text: string): Addresses {
  return addresses.parse(JSON.parse(text));
}
