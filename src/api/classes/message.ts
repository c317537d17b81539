import type { ClassBehaviour } from '../behaviour.js';

/** What the class message does. */
export const message: ClassBehaviour<'message'> = {};
