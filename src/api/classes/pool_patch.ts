import type { ClassBehaviour } from '../behaviour.js';

/** What the class pool_patch does. */
export const pool_patch: ClassBehaviour<'pool_patch'> = {};
