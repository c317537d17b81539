import type { ClassBehaviour } from '../behaviour.js';

/** What the class PCI does. */
export const PCI: ClassBehaviour<'PCI'> = {};
