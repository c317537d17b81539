import type { ClassBehaviour } from '../behaviour.js';

/** What the class network does. */
export const network: ClassBehaviour<'network'> = {};
