import type { ClassBehaviour } from '../behaviour.js';

/** What the class VMSS does. */
export const VMSS: ClassBehaviour<'VMSS'> = {};
