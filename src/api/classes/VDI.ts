import type { ClassBehaviour } from '../behaviour.js';

/** What the class VDI does. */
export const VDI: ClassBehaviour<'VDI'> = {};
