import type { ClassBehaviour } from '../behaviour.js';

/** What the class Bond does. */
export const Bond: ClassBehaviour<'Bond'> = {};
