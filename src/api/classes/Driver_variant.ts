import type { ClassBehaviour } from '../behaviour.js';

/** What the class Driver_variant does. */
export const Driver_variant: ClassBehaviour<'Driver_variant'> = {};
