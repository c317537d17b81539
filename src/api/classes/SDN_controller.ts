import type { ClassBehaviour } from '../behaviour.js';

/** What the class SDN_controller does. */
export const SDN_controller: ClassBehaviour<'SDN_controller'> = {};
