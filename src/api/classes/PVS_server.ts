import type { ClassBehaviour } from '../behaviour.js';

/** What the class PVS_server does. */
export const PVS_server: ClassBehaviour<'PVS_server'> = {};
