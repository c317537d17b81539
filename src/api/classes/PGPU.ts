import type { ClassBehaviour } from '../behaviour.js';

/** What the class PGPU does. */
export const PGPU: ClassBehaviour<'PGPU'> = {};
