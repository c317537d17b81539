import type { ClassBehaviour } from '../behaviour.js';

/** What the class PBD does. */
export const PBD: ClassBehaviour<'PBD'> = {};
