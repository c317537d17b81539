import type { ClassBehaviour } from '../behaviour.js';

/** Placement groups. Members join with VM.set_groups; a group that goes takes itself off its members. */
export const VM_group: ClassBehaviour<'VM_group'> = {};
