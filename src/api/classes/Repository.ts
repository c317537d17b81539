import type { ClassBehaviour } from '../behaviour.js';

/** What the class Repository does. */
export const Repository: ClassBehaviour<'Repository'> = {};
