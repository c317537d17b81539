import type { ClassBehaviour } from '../behaviour.js';

/** What the class VM_appliance does. */
export const VM_appliance: ClassBehaviour<'VM_appliance'> = {};
