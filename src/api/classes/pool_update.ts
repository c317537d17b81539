import type { ClassBehaviour } from '../behaviour.js';

/** What the class pool_update does. */
export const pool_update: ClassBehaviour<'pool_update'> = {};
