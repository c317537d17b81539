import type { ClassBehaviour } from '../behaviour.js';

/** What the class task does. */
export const task: ClassBehaviour<'task'> = {};
