import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { assertOwnTask } from '../task-owner.js';

function assertMine({ api, session }: Call, task: Ref<'task'>): void {
  assertOwnTask(api.db, session, task);
}

function withMap(call: Call, task: Ref<'task'>, change: (map: Map<string, string>) => void): void {
  assertMine(call, task);
  const map = new Map(call.api.db.get('task', task).other_config);
  change(map);
  call.api.db.set('task', task, { other_config: map });
}

/** Tasks that clients make and drive, and what they may do with any. */
export const task: ClassBehaviour<'task'> = {
  messages: {
    create: ({ api, session }, label, description) =>
      api.tasks.create({ name: label, description, session, host: api.localHost }),
    destroy: (call, self) => {
      assertMine(call, self);
      call.api.tasks.destroy(self, call.task.ref);
    },
    cancel: (call, self) => {
      assertMine(call, self);
      call.api.tasks.cancel(self, call.task.ref);
    },
    set_status: (call, self, status) => {
      assertMine(call, self);
      call.api.db.set('task', self, { status });
    },
    set_progress: (call, self, progress) => {
      assertMine(call, self);
      call.api.db.set('task', self, { progress });
    },
    set_result: (call, self, result) => {
      assertMine(call, self);
      call.api.db.set('task', self, { result });
    },
    set_error_info: (call, self, error) => {
      assertMine(call, self);
      call.api.db.set('task', self, { error_info: error });
    },
    set_other_config: (call, self, map) => {
      assertMine(call, self);
      call.api.db.set('task', self, { other_config: map });
    },
    add_to_other_config: (call, self, key, value) =>
      withMap(call, self, (map) => {
        if (map.has(key)) throw new ApiError('MAP_DUPLICATE_KEY', 'task', 'other_config', self, key);
        map.set(key, value);
      }),
    remove_from_other_config: (call, self, key) => withMap(call, self, (map) => map.delete(key)),
  },
};
