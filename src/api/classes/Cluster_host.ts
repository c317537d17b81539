import type { ClassBehaviour } from '../behaviour.js';

/** What the class Cluster_host does. */
export const Cluster_host: ClassBehaviour<'Cluster_host'> = {};
