import type { ClassBehaviour } from '../behaviour.js';

/** What the class VM_group does. */
export const VM_group: ClassBehaviour<'VM_group'> = {};
