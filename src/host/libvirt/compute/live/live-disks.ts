import {
  DomainBlockResizeFlags,
  DomainEventBlockJobStatus,
  DomainPausedReason,
  DomainSnapshotCreateFlags,
  DomainState,
} from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { Unsubscribe } from '../../../progress.js';
import { diskElements } from '../../domain-xml/found-devices.js';
import { parseXml, render, tag } from '../../domain-xml/xml.js';
import { asHost } from '../../errors.js';
import type { LiveDisks, MergedLayers, VolumeSource } from '../../volume-source.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { commitLayer, endCommit, type LiveDrive, pivotLayer } from './block-commits.js';
import { rememberDisks } from './disk-users.js';
import { diskPlaces, sourceAttributes } from './elements.js';
import { standingStill } from './standing-still.js';

/** Milliseconds until disks that could not be read are read again. */
const AGAIN = 1000;

/** The disks that living domains have open, for storage. What is known follows what happens to the domains, whoever does it. */
export class LibvirtLiveDisks implements LiveDisks {
  private closed = false;
  private readonly context: ComputeContext;
  private readonly off: Unsubscribe[];
  /** Commits that go on, by the path that the domain writes to. */
  private readonly commits = new Map<string, { readonly drive: LiveDrive; isGivenUp: boolean; over(): void }>();

  constructor(context: ComputeContext) {
    this.context = context;
    const { session, states, diskUsers } = context;
    const changed = ({ dom }: { readonly dom: DomainRef }): void => this.learn(dom.uuid);
    this.off = [
      states.onStart((uuid) => this.learn(uuid)),
      states.onEnd((uuid) => diskUsers.drop(uuid)),
      states.onGone((uuid) => diskUsers.forget(uuid)),
      session.onDomainEvent('DEVICE_ADDED', changed),
      session.onDomainEvent('DEVICE_REMOVED', changed),
      // A job that has ended may have left the domain on another file.
      session.onDomainEvent('BLOCK_JOB_2', (event) => {
        if (event.status !== DomainEventBlockJobStatus.READY) changed(event);
      }),
      session.onReconnect(() => this.learnAll()),
    ];
    this.learnAll();
  }

  /** Resolves when the disks of all domains that live now are known: storage decides by that what nobody uses. */
  async known(): Promise<void> {
    await Promise.allSettled(Array.from(this.context.states.living(), ({ uuid }) => rememberDisks(this.context, uuid)));
  }

  user(path: string): string | undefined {
    return this.context.diskUsers.user(path);
  }

  /** Rejects with DEVICE_NOT_ATTACHED when no living domain uses the path. */
  async switchTo(path: string, overlay: VolumeSource): Promise<void> {
    const { session } = this.context;
    const { dom, target, others } = await this.disk(path);
    const xml = render(
      tag(
        'domainsnapshot',
        {},
        tag(
          'disks',
          {},
          tag(
            'disk',
            { name: target, snapshot: 'external', type: overlay.kind },
            tag('driver', { type: overlay.format }),
            tag('source', sourceAttributes(overlay)),
          ),
          ...others.map((name) => tag('disk', { name, snapshot: 'no' })),
        ),
      ),
    );
    const { DISK_ONLY, REUSE_EXT, ATOMIC, NO_METADATA } = DomainSnapshotCreateFlags;
    const flags = DISK_ONLY | REUSE_EXT | ATOMIC | NO_METADATA;
    await asHost({ vm: dom.uuid }, () => session.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml_desc: xml, flags }));
    await rememberDisks(this.context, dom.uuid);
  }

  /** Rejects with DEVICE_NOT_ATTACHED when no living domain uses the path. */
  async resize(path: string, size: number): Promise<void> {
    const { session } = this.context;
    const { dom, target } = await this.disk(path);
    const flags = DomainBlockResizeFlags.BYTES;
    await asHost({ vm: dom.uuid }, () => session.call('DOMAIN_BLOCK_RESIZE', { dom, disk: target, size, flags }));
    // A larger disk may come to need room that it did not need before.
    await rememberDisks(this.context, dom.uuid);
  }

  /** Rejects with DEVICE_NOT_ATTACHED when no living domain uses the path, and when something else is done with the domain. */
  async commit(path: string, layers: MergedLayers, signal: AbortSignal): Promise<void> {
    const { merges } = this.context;
    const { dom, target } = await this.disk(path);
    if (merges.isHeld(dom.uuid)) throw held(dom);
    const drive = { dom, target };
    const stop = new AbortController();
    let committed: Promise<void> = Promise.resolve();
    const giveUp = async (): Promise<void> => {
      commit.isGivenUp = true;
      stop.abort(held(dom));
      await committed.catch(() => undefined);
      await endCommit(this.context, drive);
    };
    const commit = { drive, isGivenUp: false, over: merges.add(dom.uuid, { giveUp }) };
    this.commits.set(path, commit);
    committed = commitLayer(this.context, drive, layers, AbortSignal.any([signal, stop.signal]));
    try {
      await committed;
      // Of a layer that the guest does not write to, that is all.
      if (!layers.upper.includes(path)) this.forget(path);
    } catch (thrown) {
      this.forget(path);
      throw thrown;
    }
  }

  /** Rejects when the commit has been given up for something else that is done with the domain. */
  async pivot(path: string, { holding, gone }: Parameters<LiveDisks['pivot']>[1]): Promise<void> {
    const { merges, states } = this.context;
    const commit = this.commits.get(path);
    const { dom, target } = await this.disk(path);
    if (commit === undefined || commit.isGivenUp || merges.isHeld(dom.uuid)) throw held(dom);
    await merges.turn(dom.uuid, async () => {
      // If the machine dies between the two, nothing must have been written that only one of the layers has.
      if (states.find(dom.uuid)?.power === 'Running') await holding();
      await states.quietly(dom.uuid, () =>
        standingStill(this.context, dom, async () => {
          await pivotLayer(this.context, { dom, target });
          await gone();
        }),
      );
    });
    this.forget(path);
    await rememberDisks(this.context, dom.uuid);
  }

  async endCommit(path: string): Promise<void> {
    this.forget(path);
    const uuid = this.user(path);
    if (uuid === undefined || this.context.states.life(uuid).aborted) return;
    const found = await this.disk(path).catch((thrown: unknown) => {
      if (thrown instanceof ApiError && ['DEVICE_NOT_ATTACHED', 'VM_BAD_POWER_STATE'].includes(thrown.code)) return undefined;
      throw thrown;
    });
    if (found !== undefined) await endCommit(this.context, found);
    // It may have gone over all the same.
    await rememberDisks(this.context, uuid);
  }

  async letGo(path: string): Promise<void> {
    const { session } = this.context;
    const { dom } = await this.disk(path);
    const { state, reason } = await session.read('DOMAIN_GET_STATE', { dom, flags: 0 });
    if (state === DomainState.PAUSED && reason === DomainPausedReason.USER) await session.call('DOMAIN_RESUME', { dom });
  }

  onReleased(listener: (paths: readonly string[]) => void): Unsubscribe {
    return this.context.diskUsers.listen({ released: listener });
  }

  /** Listens to nothing any more. */
  close(): void {
    this.closed = true;
    for (const off of this.off) off();
  }

  private forget(path: string): void {
    this.commits.get(path)?.over();
    this.commits.delete(path);
  }

  /** The domain that uses a path, the place of the disk there, and those of the others. */
  private async disk(path: string): Promise<{ dom: DomainRef; target: string; others: readonly string[] }> {
    const uuid = this.user(path);
    if (uuid === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', path);
    const dom = await this.context.live(uuid);
    const xml = await this.context.liveXml(uuid);
    const found = diskElements(parseXml(xml)).find((disk) => disk.path === path);
    if (found === undefined) {
      await rememberDisks(this.context, uuid);
      throw new ApiError('DEVICE_NOT_ATTACHED', path);
    }
    const { target } = found;
    return { dom, target, others: diskPlaces(xml).filter((name) => name !== target) };
  }

  private learnAll(): void {
    for (const { uuid } of this.context.states.living()) this.learn(uuid);
  }

  private learn(uuid: string): void {
    if (this.closed || this.context.states.life(uuid).aborted) return;
    rememberDisks(this.context, uuid).catch((thrown: unknown) => {
      // One that ended while it was looked at is dropped by its end.
      if (this.closed || this.context.states.life(uuid).aborted) return;
      this.context.warn(thrown, `the disks of the domain ${uuid} could not be read`);
      // Storage must know them before it works on them: a libvirt that was too busy is asked again.
      setTimeout(() => this.learn(uuid), AGAIN).unref();
    });
  }
}

/** That the layers of a domain's disks have to wait. */
function held({ uuid }: DomainRef): ApiError {
  return new ApiError('OTHER_OPERATION_IN_PROGRESS', 'VM', uuid);
}
