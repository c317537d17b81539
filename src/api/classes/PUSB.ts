import type { ClassBehaviour } from '../behaviour.js';

/** What the class PUSB does. */
export const PUSB: ClassBehaviour<'PUSB'> = {};
