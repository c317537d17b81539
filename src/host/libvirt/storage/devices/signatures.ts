import { z } from 'zod';
import { CommandError } from '../../network/commands.js';
import type { Tools } from '../tools/tools.js';

/** What says on a device what is on it. */
export interface FileSystem {
  /** As `blkid` calls it: ext4, xfs, LVM2_member, ... */
  readonly type: string;
  readonly label: string;
  readonly uuid: string;
}

const found = z.object({ signatures: z.array(z.object({ type: z.string() })).default([]) });

/** Kinds of what a device has signatures of: file systems, partition tables, volume groups. Looks only. */
export async function signaturesOn(tools: Tools, device: string): Promise<readonly string[]> {
  const text = await tools.run('wipefs', ['--no-act', '--json', '--', device]);
  return text.trim() === '' ? [] : found.parse(JSON.parse(text)).signatures.map(({ type }) => type);
}

/** Removes the signatures of a device, so that nobody takes it for what it was. */
export async function wipeSignatures(tools: Tools, device: string): Promise<void> {
  await tools.run('wipefs', ['--all', '--', device]);
}

/** The file system on a device; undefined when there is none, or none that can be told. */
export async function fileSystemOn(tools: Tools, device: string): Promise<FileSystem | undefined> {
  let text: string;
  try {
    // From the device itself: what is remembered may be old.
    text = await tools.run('blkid', ['--probe', '--output', 'export', '--', device]);
  } catch (thrown) {
    // Nothing, or several things at once: it does not say which by words.
    if (thrown instanceof CommandError) return undefined;
    throw thrown;
  }
  const facts = new Map(
    text.split('\n').map((line): [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  const type = facts.get('TYPE');
  if (type === undefined) return undefined;
  return { type, label: facts.get('LABEL') ?? '', uuid: (facts.get('UUID') ?? '').toLowerCase() };
}
