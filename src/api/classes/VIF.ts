import type { ClassBehaviour } from '../behaviour.js';

/** What the class VIF does. */
export const VIF: ClassBehaviour<'VIF'> = {};
