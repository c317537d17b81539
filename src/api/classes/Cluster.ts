import type { ClassBehaviour } from '../behaviour.js';

/** What the class Cluster does. */
export const Cluster: ClassBehaviour<'Cluster'> = {};
