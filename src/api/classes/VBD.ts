import type { ClassBehaviour } from '../behaviour.js';

/** What the class VBD does. */
export const VBD: ClassBehaviour<'VBD'> = {};
