import type { Unsubscribe } from '../../../progress.js';
import { diskElements } from '../../domain-xml/found-devices.js';
import { parseXml } from '../../domain-xml/xml.js';
import type { ComputeContext } from '../context.js';

interface Use {
  /** When the reading began that this came from. */
  readonly turn: number;
  readonly paths: readonly string[];
}

/** What is wanted to be known of the disks of domains. */
export interface DiskUserListeners {
  /** It is known now which disks a domain uses. */
  using?(uuid: string): void;
  /** A domain has let go of disks, of one or by its end: their paths. */
  released?(paths: readonly string[]): void;
}

/** Which living domain writes to which file or block device. */
export class DiskUsers {
  private readonly users = new Map<string, string>();
  private readonly uses = new Map<string, Use>();
  private turn = 0;
  private readonly listeners = new Set<DiskUserListeners>();

  /** Calls back after every change. Returns what ends that. */
  listen(listeners: DiskUserListeners): Unsubscribe {
    this.listeners.add(listeners);
    return () => this.listeners.delete(listeners);
  }

  /** Uuid of the domain that writes to a path. */
  user(path: string): string | undefined {
    return this.users.get(path);
  }

  /** Files and devices that a domain writes to. */
  paths(uuid: string): readonly string[] {
    return this.uses.get(uuid)?.paths ?? [];
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
    for (const { using } of this.listeners) using?.(uuid);
    const released = before?.paths.filter((path) => !paths.includes(path)) ?? [];
    if (released.length > 0) this.tellReleased(released);
  }

  /** A domain uses nothing any more. */
  drop(uuid: string): void {
    const released = this.paths(uuid);
    this.clear(uuid);
    // Readings that are on their way are of its life, too.
    this.uses.set(uuid, { turn: this.begin(), paths: [] });
    this.tellReleased(released);
  }

  /** The domain is gone for good. */
  forget(uuid: string): void {
    const released = this.paths(uuid);
    this.clear(uuid);
    this.uses.delete(uuid);
    this.tellReleased(released);
  }

  private tellReleased(paths: readonly string[]): void {
    for (const { released } of this.listeners) released?.(paths);
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
