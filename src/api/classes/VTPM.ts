import type { ClassBehaviour } from '../behaviour.js';

/** What the class VTPM does. */
export const VTPM: ClassBehaviour<'VTPM'> = {};
