import type { ClassBehaviour } from '../behaviour.js';

/** What the class console does. */
export const console: ClassBehaviour<'console'> = {};
