import type { ClassBehaviour } from '../behaviour.js';

/** What the class VLAN does. */
export const VLAN: ClassBehaviour<'VLAN'> = {};
