import type { ClassBehaviour } from '../behaviour.js';

/** What the class secret does. */
export const secret: ClassBehaviour<'secret'> = {};
