import type { ClassBehaviour } from '../behaviour.js';

/** What the class VUSB does. */
export const VUSB: ClassBehaviour<'VUSB'> = {};
