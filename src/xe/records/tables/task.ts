import type { ClassTable } from '../row.js';

/** Fields of `task`. */
export const task: ClassTable<'task'> = {
  name: 'task',
  of: 'task',
  shown: ['uuid', 'name-label', 'name-description', 'status', 'progress'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'subtask_of' },
    { name: 'subtasks', plain: true },
    { name: 'resident-on' },
    { name: 'status' },
    { name: 'progress' },
    { name: 'type' },
    { name: 'result' },
    { name: 'created' },
    { name: 'finished' },
    { name: 'error_info', plain: true },
    { name: 'allowed_operations', plain: true },
    { name: 'current_operations', plain: true },
    { name: 'other-config', add: true },
  ],
};
