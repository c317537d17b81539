import type { Api } from '../../api/api.js';
import type { RestorableState } from '../../http/endpoints/restores.js';
import { ApiError } from '../../model/error.js';
import type { DumpObject } from '../../wire/database-dump.js';
import { dumpDatabase } from '../dump-database.js';
import { readDatabaseObjects } from './database-objects.js';
import { fitToHosts } from './fit-to-hosts.js';
import { readHostArchive, writeHostArchive } from './host-archive.js';
import { PendingRestore } from './pending-restore.js';

/** Milliseconds from the end of a restore to the restart: clients look at their task meanwhile. */
const FUSE = 3000;

/** Reads objects out of an upload; files of it go into the restore. */
type Reading = (restore: PendingRestore) => Promise<readonly DumpObject[]>;

/** Gives out the state of the gateway and takes it back. What is restored counts from the restart that follows. */
export class StateRestore implements RestorableState {
  readonly #api: Api;
  readonly #restart: () => void;
  #underWay = false;

  /** `restart` starts the daemon anew, with what waits to be restored. */
  constructor(api: Api, restart: () => void) {
    this.#api = api;
    this.#restart = restart;
  }

  async *backUp(): AsyncGenerator<Buffer, void, void> {
    const { db, dataDir, measurements } = this.#api;
    await measurements.save();
    yield* writeHostArchive(dataDir, dumpDatabase(db), new Date());
  }

  restoreDatabase(body: AsyncIterable<Buffer>, dryRun: boolean): Promise<void> {
    return this.#take(() => readDatabaseObjects(body), dryRun);
  }

  restoreHost(body: AsyncIterable<Buffer>, dryRun: boolean): Promise<void> {
    return this.#take((restore) => readHostArchive(body, restore), dryRun);
  }

  async #take(read: Reading, dryRun: boolean): Promise<void> {
    const { db, dataDir, localHost, log, pool } = this.#api;
    if (this.#underWay) throw new ApiError('OTHER_OPERATION_IN_PROGRESS', 'pool', pool);
    this.#underWay = true;
    let committed = false;
    const restore = await PendingRestore.begin(dataDir);
    try {
      const objects = fitToHosts(db, localHost, await read(restore));
      if (dryRun) return;
      await restore.setObjects(objects);
      await restore.commit();
      log.warn({ objects: objects.length }, 'the state of the pool is restored: the daemon starts anew');
      // It stays under way until then: another one would be lost.
      setTimeout(this.#restart, FUSE).unref();
      committed = true;
    } finally {
      await restore.abandon();
      this.#underWay = committed;
    }
  }
}
