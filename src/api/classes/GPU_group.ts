import type { ClassBehaviour } from '../behaviour.js';

/** What the class GPU_group does. */
export const GPU_group: ClassBehaviour<'GPU_group'> = {};
