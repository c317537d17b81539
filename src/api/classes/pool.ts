import type { ClassBehaviour } from '../behaviour.js';

/** What the class pool does. */
export const pool: ClassBehaviour<'pool'> = {};
