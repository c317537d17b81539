import type { ProbeFinding, SrSpec, StorageDriver } from '../../../storage.js';
import type { LiveDisks } from '../../volume-source.js';
import type { AttachedSr } from '../attached-sr.js';
import type { Iscsi } from '../iscsi/iscsi.js';
import type { LvmHost } from '../lvm/lvm-host.js';
import type { Mounts } from '../mounts/mounts.js';
import type { Owner } from '../mounts/smb-source.js';
import type { Multipath } from '../multipath/multipath.js';
import type { PathWatch } from '../multipath/path-watch.js';
import type { Tools } from '../tools/tools.js';
import type { Coalescing } from '../tree/coalescer.js';
import type { Warn } from '../tree/intents.js';

/** What drivers need of the rest of the host. */
export interface Environment {
  live(): LiveDisks;
  readonly warn: Warn;
  readonly tools: Tools;
  readonly mounts: Mounts;
  readonly iscsi: Iscsi;
  readonly multipath: Multipath;
  readonly paths: PathWatch;
  /** Whom QEMU runs as on the host; undefined where libvirt leaves it its own. */
  owner(): Promise<Owner | undefined>;
  readonly lvm: LvmHost;
  readonly coalescing: Coalescing;
}

/** A kind of SR: how one is made, found and attached. Refusals are ApiErrors, those that storage drivers number among them. */
export interface SrDriver {
  readonly facts: StorageDriver;
  /** Makes a new SR. Rejects with SR_UUID_EXISTS, SR_DEVICE_IN_USE. */
  create(sr: SrSpec, size: number, environment: Environment): Promise<void>;
  /**
   * Removes an SR that is not attached with everything of ours in it. Rejects with SR_NOT_EMPTY when there is something of
   * others.
   */
  destroy(sr: SrSpec, environment: Environment): Promise<void>;
  probe(deviceConfig: ReadonlyMap<string, string>, environment: Environment): Promise<readonly ProbeFinding[]>;
  attach(sr: SrSpec, environment: Environment): Promise<AttachedSr>;
}
