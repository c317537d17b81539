import type { ClassBehaviour } from '../behaviour.js';

/** What the class PVS_cache_storage does. */
export const PVS_cache_storage: ClassBehaviour<'PVS_cache_storage'> = {};
