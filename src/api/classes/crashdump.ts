import type { ClassBehaviour } from '../behaviour.js';

/** What the class crashdump does. */
export const crashdump: ClassBehaviour<'crashdump'> = {};
