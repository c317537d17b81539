import type { ClassBehaviour } from '../behaviour.js';

/** What the class event does. */
export const event: ClassBehaviour<'event'> = {};
