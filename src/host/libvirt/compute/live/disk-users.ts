import { diskElements } from '../../domain-xml/found-devices.js';
import { parseXml } from '../../domain-xml/xml.js';
import type { ComputeContext } from '../context.js';

interface Use {
  /** When the reading began that this came from. */
  readonly turn: number;
  readonly paths: readonly string[];
}

/** Which living domain writes to which file or block device. */
export class DiskUsers {
  private readonly users = new Map<string, string>();
  private readonly uses = new Map<string, Use>();
  private turn = 0;

  /** Uuid of the domain that writes to a path. */
  user(path: string): string | undefined {
    return this.users.get(path);
  }

  /** Number of a reading that begins: an earlier one that comes in later does not count. */
  begin(): number {
    return ++this.turn;
  }

  /** Takes what a reading found. */
  put(uuid: string, paths: readonly string[], turn: number): void {
    const before = this.uses.get(uuid);
    if (before && before.turn > turn) return;
    this.clear(uuid);
    this.uses.set(uuid, { turn, paths });
    for (const path of paths) this.users.set(path, uuid);
  }

  /** A domain uses nothing any more. */
  drop(uuid: string): void {
    this.clear(uuid);
    // Readings that are on their way are of its life, too.
    this.uses.set(uuid, { turn: this.begin(), paths: [] });
  }

  /** The domain is gone for good. */
  forget(uuid: string): void {
    this.clear(uuid);
    this.uses.delete(uuid);
  }

  private clear(uuid: string): void {
    for (const path of this.uses.get(uuid)?.paths ?? []) if (this.users.get(path) === uuid) this.users.delete(path);
  }
}

/** Reads which disks a domain writes to, after they changed. A domain that has ended meanwhile writes to none. */
export async function rememberDisks({ diskUsers, states, liveXml }: ComputeContext, uuid: string): Promise<void> {
  const turn = diskUsers.begin();
  if (states.life(uuid).aborted) diskUsers.drop(uuid);
  else diskUsers.put(uuid, writtenPaths(await liveXml(uuid)), turn);
}

/** Files and block devices that a domain writes to; not those below them, and not media that it reads. */
export function writtenPaths(xml: string): readonly string[] {
  return diskElements(parseXml(xml)).flatMap(({ kind, readonly, path }) =>
    kind === 'Disk' && !readonly && path !== undefined ? [path] : [],
  );
}
