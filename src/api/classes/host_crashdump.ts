import type { ClassBehaviour } from '../behaviour.js';

/** What the class host_crashdump does. */
export const host_crashdump: ClassBehaviour<'host_crashdump'> = {};
