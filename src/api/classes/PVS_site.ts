import type { ClassBehaviour } from '../behaviour.js';

/** What the class PVS_site does. */
export const PVS_site: ClassBehaviour<'PVS_site'> = {};
