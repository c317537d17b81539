import type { ClassBehaviour } from '../behaviour.js';

/** What the class blob does. */
export const blob: ClassBehaviour<'blob'> = {};
