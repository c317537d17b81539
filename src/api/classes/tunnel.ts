import type { ClassBehaviour } from '../behaviour.js';

/** What the class tunnel does. */
export const tunnel: ClassBehaviour<'tunnel'> = {};
