import type { ClassBehaviour } from '../behaviour.js';

/** What the class USB_group does. */
export const USB_group: ClassBehaviour<'USB_group'> = {};
