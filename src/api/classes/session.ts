import type { ClassBehaviour } from '../behaviour.js';

/** What the class session does. */
export const session: ClassBehaviour<'session'> = {};
