import type { ClassBehaviour } from '../behaviour.js';

/** What the class Observer does. */
export const Observer: ClassBehaviour<'Observer'> = {};
