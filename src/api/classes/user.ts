import type { ClassBehaviour } from '../behaviour.js';

/** What the class user does. */
export const user: ClassBehaviour<'user'> = {};
