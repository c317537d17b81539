import type { ClassBehaviour } from '../behaviour.js';

/** What the class LVHD does. */
export const LVHD: ClassBehaviour<'LVHD'> = {};
