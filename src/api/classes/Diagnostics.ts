import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';

const BYTES_PER_WORD = 8;

/** One process serves the whole pool, so that figures of any host are its own. */
function assertHost({ api: { db } }: Call, host: Ref<'host'>): void {
  db.get('host', host);
}

/** The collector that runs at once; asking for it is a flag of the engine. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new ApiError('NOT_IMPLEMENTED', 'Diagnostics.gc_compact');
  gc();
}

/** Figures of this process, for people who support it. Words are those of the original: of eight bytes. */
export const Diagnostics: ClassBehaviour<'Diagnostics'> = {
  messages: {
    gc_compact: (call, host) => {
      assertHost(call, host);
      collect();
    },
    gc_stats: (call, host) => {
      assertHost(call, host);
      const heap = getHeapStatistics();
      const words = (bytes: number) => String(Math.round(bytes / BYTES_PER_WORD));
      return new Map([
        ['heap_words', words(heap.total_heap_size)],
        ['live_words', words(heap.used_heap_size)],
        ['free_words', words(heap.total_heap_size - heap.used_heap_size)],
        ['external_words', words(heap.external_memory)],
        ['heap_limit_words', words(heap.heap_size_limit)],
      ]);
    },
    db_stats: ({ api: { db } }) => {
      const objects = [...db.tables()].reduce((sum, table) => sum + table.rows.size, 0);
      return new Map([
        ['n', String(db.generation + db.messageGeneration)],
        ['objects', String(objects)],
        ['behind', String(db.behind)],
      ]);
    },
  },
};
