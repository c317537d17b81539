import { setMaxListeners } from 'node:events';
import type { Extent, VolumeContent } from '../../../host/volume-content.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { target } from '../../operations/operations.js';
import { standInTask } from '../../stand-in-task.js';
import { deviceName } from '../../world/domain-records.js';
import { freePositions } from '../device-numbers.js';
import { hostForSr, volumeAddress } from '../placement.js';
import { recordVbd, removeVbdRecord } from '../vbd-record.js';
import { assertManaged } from '../volumes.js';

/** Fact of a drive, which no client can write: it is there for somebody who reads the disk from outside. */
const READ_OVER = 'read_over';
const NBD = 'nbd';

/** Where the work on drives comes from. */
const READER = { local: true, address: 'nbd' };

/** A disk that somebody reads. */
export interface ReadDisk {
  /** In bytes. */
  readonly size: number;
  /** Aborted when the disk cannot be read any more: it is written to, or gone. */
  readonly lost: AbortSignal;
  read(offset: number, length: number): Promise<Buffer>;
  extents(): Promise<readonly Extent[]>;
  /** Resolves when others can have the disk, unless somebody else still reads it. More than once does no harm. */
  close(): Promise<void>;
}

/** A disk that is open, for however many readers. */
interface Shared {
  readonly content: Promise<VolumeContent>;
  readonly vbd: Ref<'VBD'>;
  readonly lost: AbortController;
  readers: number;
  extents?: Promise<readonly Extent[]>;
}

/**
 * Disks that are read from outside. As with the original, each shows as a read-only drive of the control domain while it is read:
 * whoever wants to destroy it or take away its SR is told that it is in use.
 */
export class ReadDisks {
  readonly #api: Api;
  readonly #open = new Map<Ref<'VDI'>, Shared>();

  constructor(api: Api) {
    this.#api = api;
    // Drives of an earlier run that was killed: nobody reads any more.
    const { db } = api;
    for (const [ref] of db.filter('VBD', (vbd) => vbd.runtime_properties.get(READ_OVER) === NBD)) removeVbdRecord(db, ref);
    db.onChange(() => this.#loseUnreadable());
  }

  /**
   * Opens a disk. Rejects with VDI_IN_USE for one that something may write to, and with what else stands against a drive;
   * waits while something works on the disk.
   */
  async open(vdi: Ref<'VDI'>, signal: AbortSignal): Promise<ReadDisk> {
    const shared = this.#open.get(vdi) ?? this.#begin(vdi, signal);
    shared.readers++;
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closed ??= this.#release(vdi, shared);
      return closed;
    };
    try {
      const content = await shared.content;
      if (signal.aborted) throw new ApiError('TASK_CANCELLED', '');
      return {
        size: content.size,
        lost: shared.lost.signal,
        read: (offset, length) => content.read(offset, length),
        extents: () => {
          shared.extents ??= content.extents();
          return shared.extents;
        },
        close,
      };
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }

  #begin(vdi: Ref<'VDI'>, signal: AbortSignal): Shared {
    const { db } = this.#api;
    const fields = db.get('VDI', vdi);
    if (fields.type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', vdi, fields.type);
    assertManaged(fields, vdi);
    if (fields.missing) throw new ApiError('VDI_MISSING', fields.SR, vdi);
    if (this.#isWritten(vdi)) throw new ApiError('VDI_IN_USE', vdi, 'attach');
    const host = hostForSr(this.#api, fields.SR);
    const { control_domain: vm } = db.get('host', host);
    const [userdevice] = freePositions(db, db.get('VM', vm));
    if (userdevice === undefined) throw new ApiError('INVALID_DEVICE', 'autodetect');
    const runtime_properties = new Map([[READ_OVER, NBD]]);
    const vbd = recordVbd(db, { VM: vm, VDI: vdi, userdevice, mode: 'RO', type: 'Disk', unpluggable: true, runtime_properties });
    const task = standInTask({ ...READER, signal });
    const content = this.#api.operations.run(task, [target('VBD', vbd, 'plug')], async () => {
      const opened = await this.#api.hosts.get(host).storage.open(volumeAddress(this.#api, vdi), 'read');
      if (db.exists('VBD', vbd)) db.set('VBD', vbd, { currently_attached: true, device: deviceName(userdevice) });
      return opened;
    });
    content.catch(() => undefined);
    const lost = new AbortController();
    setMaxListeners(0, lost.signal);
    const shared: Shared = { content, vbd, lost, readers: 0 };
    this.#open.set(vdi, shared);
    return shared;
  }

  async #release(vdi: Ref<'VDI'>, shared: Shared): Promise<void> {
    if (--shared.readers > 0) return;
    if (this.#open.get(vdi) === shared) this.#open.delete(vdi);
    const { db, log } = this.#api;
    const { vbd } = shared;
    const content = await shared.content.catch(() => undefined);
    try {
      // Whatever stands against the drive's end: nobody reads any more.
      if (content) await this.#unplug(vbd, content).finally(() => content.close());
    } catch (thrown) {
      log.warn({ err: thrown, vdi }, 'a disk that was read could not be closed');
    } finally {
      if (db.exists('VBD', vbd)) removeVbdRecord(db, vbd);
    }
  }

  /** Closes a disk. Who wants to work on it from now on waits for the end of that, for its readers have gone. */
  async #unplug(vbd: Ref<'VBD'>, content: VolumeContent): Promise<void> {
    const { db, operations } = this.#api;
    // Somebody may have removed the drive meanwhile.
    if (!db.exists('VBD', vbd)) return content.close();
    await operations.run(standInTask(READER), [target('VBD', vbd, 'unplug')], async () => {
      db.set('VBD', vbd, { currently_attached: false });
      await content.close();
    });
  }

  /** Whether something other than a reader has the disk. */
  #isWritten(vdi: Ref<'VDI'>): boolean {
    const { db } = this.#api;
    return db.get('VDI', vdi).VBDs.some((ref) => {
      const vbd = db.find('VBD', ref)?.fields;
      return vbd?.mode === 'RW' && (vbd.currently_attached || vbd.reserved);
    });
  }

  #loseUnreadable(): void {
    const { db } = this.#api;
    for (const [vdi, { vbd, lost }] of this.#open) {
      if (!db.exists('VDI', vdi) || !db.exists('VBD', vbd) || this.#isWritten(vdi)) lost.abort();
    }
  }
}
