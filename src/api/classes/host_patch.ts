import type { ClassBehaviour } from '../behaviour.js';

/** What the class host_patch does. */
export const host_patch: ClassBehaviour<'host_patch'> = {};
