import type { ClassBehaviour } from '../behaviour.js';

/** What the class DR_task does. */
export const DR_task: ClassBehaviour<'DR_task'> = {};
