import type { ClassBehaviour } from '../behaviour.js';

/** What the class auth does. */
export const auth: ClassBehaviour<'auth'> = {};
