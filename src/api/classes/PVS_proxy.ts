import type { ClassBehaviour } from '../behaviour.js';

/** What the class PVS_proxy does. */
export const PVS_proxy: ClassBehaviour<'PVS_proxy'> = {};
