import type { ClassBehaviour } from '../behaviour.js';

/** What the class role does. */
export const role: ClassBehaviour<'role'> = {};
