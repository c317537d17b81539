import type { ClassBehaviour } from '../behaviour.js';

/** What the class network_sriov does. */
export const network_sriov: ClassBehaviour<'network_sriov'> = {};
