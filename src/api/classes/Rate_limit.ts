import type { ClassBehaviour } from '../behaviour.js';

/** What the class Rate_limit does. */
export const Rate_limit: ClassBehaviour<'Rate_limit'> = {};
