import type { ClassBehaviour } from '../behaviour.js';

/** What the class subject does. */
export const subject: ClassBehaviour<'subject'> = {};
