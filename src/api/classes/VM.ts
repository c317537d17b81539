import type { ClassBehaviour } from '../behaviour.js';

/** What the class VM does. */
export const VM: ClassBehaviour<'VM'> = {};
