import type { ClassBehaviour } from '../behaviour.js';

/** What the class host does. */
export const host: ClassBehaviour<'host'> = {};
