import type { ClassBehaviour } from '../behaviour.js';

/** What the class Diagnostics does. */
export const Diagnostics: ClassBehaviour<'Diagnostics'> = {};
