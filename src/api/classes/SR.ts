import type { ClassBehaviour } from '../behaviour.js';

/** What the class SR does. */
export const SR: ClassBehaviour<'SR'> = {};
