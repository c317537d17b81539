import type { ClassBehaviour } from '../behaviour.js';

/** What the class PIF does. */
export const PIF: ClassBehaviour<'PIF'> = {};
