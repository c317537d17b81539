import type { ClassBehaviour } from '../behaviour.js';

/** What the class Host_driver does. */
export const Host_driver: ClassBehaviour<'Host_driver'> = {};
