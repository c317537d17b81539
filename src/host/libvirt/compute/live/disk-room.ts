import { DomainDiskErrorCode, DomainPausedReason, DomainState } from 'node-libvirt';
import type { Unsubscribe } from '../../../progress.js';
import { diskElements } from '../../domain-xml/found-devices.js';
import { parseXml } from '../../domain-xml/xml.js';
import type { GrowingDisks } from '../../volume-source.js';
import type { ComputeContext, DomainRef } from '../context.js';

/** How QEMU calls that a disk has no more space. */
const NO_SPACE = 'enospc';
/** Disks that may have failed at once, as many as are asked for. */
const MOST_ERRORS = 256;
/** Milliseconds between two times that a domain is let go on: one whose disk fails for another reason must not keep us busy. */
const PAUSE = 1000;

/** What it works with. */
export interface DiskRoomContext extends Pick<ComputeContext, 'session' | 'diskUsers' | 'live' | 'liveXml' | 'warn'> {
  readonly sources: Pick<ComputeContext['sources'], 'growing'>;
  readonly states: Pick<ComputeContext['states'], 'living' | 'life' | 'onEnd'>;
}

/**
 * Gives disks of running domains more room before they are full, where their storage grows them. libvirt tells when a domain has
 * written up to a threshold; what was not told while the daemon was away, what is written tells. A domain that was quicker stands
 * still and goes on when there is room.
 */
export class DiskRoom {
  private readonly context: DiskRoomContext;
  private readonly off: Unsubscribe[] = [];
  /** Domains that are looked at; true for those to be looked at again. */
  private readonly looking = new Map<string, boolean>();
  /** Domains that had disks which needed room at some time: one may stand still for one that has it all by now. */
  private readonly grown = new Set<string>();
  /** When domains were let go on last. */
  private readonly resumed = new Map<string, number>();

  constructor(context: DiskRoomContext) {
    this.context = context;
    const { session, diskUsers, states, sources } = context;
    this.off = [
      diskUsers.listen({ using: (uuid) => this.look(uuid) }),
      states.onEnd((uuid) => {
        this.grown.delete(uuid);
        this.resumed.delete(uuid);
      }),
      // After a restart of the daemon domains are known before the SRs of their disks are attached.
      sources.growing?.onMore(() => {
        for (const { uuid } of states.living()) this.look(uuid);
      }) ?? (() => undefined),
      session.onDomainEvent('BLOCK_THRESHOLD', ({ dom }) => this.look(dom.uuid)),
      session.onDomainEvent('IO_ERROR_REASON', ({ dom, reason }) => {
        if (reason === NO_SPACE) this.look(dom.uuid);
      }),
    ];
  }

  close(): void {
    for (const off of this.off) off();
  }

  private look(uuid: string): void {
    const { diskUsers, sources, states, warn } = this.context;
    const { growing } = sources;
    if (!growing) return;
    if (diskUsers.paths(uuid).some((path) => growing.threshold(path) !== undefined)) this.grown.add(uuid);
    if (!this.grown.has(uuid)) return;
    const isLooking = this.looking.has(uuid);
    this.looking.set(uuid, isLooking);
    if (isLooking) return;
    this.makeRoom(uuid, growing)
      .catch((thrown: unknown) => {
        if (!states.life(uuid).aborted) warn(thrown, `disks of the domain ${uuid} could not be given more room`);
      })
      .finally(() => {
        const again = this.looking.get(uuid);
        this.looking.delete(uuid);
        if (again) this.look(uuid);
      });
  }

  private async makeRoom(uuid: string, growing: GrowingDisks): Promise<void> {
    const dom = await this.context.live(uuid);
    const disks = diskElements(parseXml(await this.context.liveXml(uuid)));
    let isComplete = true;
    for (const { kind, readonly, path, target } of disks) {
      if (kind !== 'Disk' || readonly || path === undefined) continue;
      const threshold = growing.threshold(path);
      if (threshold === undefined) continue;
      try {
        await this.makeRoomIn(dom, { path, target, threshold }, growing);
      } catch (thrown) {
        isComplete = false;
        this.context.warn(thrown, `the disk ${target} of the domain ${uuid} could not be given more room`);
      }
    }
    if (isComplete) await this.goOn(dom);
  }

  private async makeRoomIn(
    dom: DomainRef,
    { path, target, threshold }: { readonly path: string; readonly target: string; readonly threshold: number },
    growing: GrowingDisks,
  ): Promise<void> {
    const { session } = this.context;
    const { allocation } = await session.read('DOMAIN_GET_BLOCK_INFO', { dom, path: target, flags: 0 });
    if (Number(allocation) >= threshold) await growing.extend(path, Number(allocation));
    const next = growing.threshold(path);
    // A write behind it that was made meanwhile is not told, but the one after it is.
    if (next !== undefined) await session.call('DOMAIN_SET_BLOCK_THRESHOLD', { dom, dev: target, threshold: next, flags: 0 });
  }

  /** Lets a domain go on that stands still because a disk of its had no space. */
  private async goOn(dom: DomainRef): Promise<void> {
    const { session } = this.context;
    const { state, reason } = await session.read('DOMAIN_GET_STATE', { dom, flags: 0 });
    if (state !== DomainState.PAUSED || reason !== DomainPausedReason.IOERROR) return;
    const { errors } = await session.read('DOMAIN_GET_DISK_ERRORS', { dom, maxerrors: MOST_ERRORS, flags: 0 });
    if (errors.length === 0 || errors.some(({ error }) => error !== DomainDiskErrorCode.NO_SPACE)) return;
    const wait = (this.resumed.get(dom.uuid) ?? 0) + PAUSE - Date.now();
    if (wait > 0) {
      setTimeout(() => this.look(dom.uuid), wait).unref();
      return;
    }
    this.resumed.set(dom.uuid, Date.now());
    await session.call('DOMAIN_RESUME', { dom });
  }
}
