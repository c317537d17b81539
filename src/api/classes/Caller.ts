import type { ClassBehaviour } from '../behaviour.js';

/** What the class Caller does. */
export const Caller: ClassBehaviour<'Caller'> = {};
