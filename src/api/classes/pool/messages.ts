import type { ClassBehaviour } from '../../behaviour.js';

/** Handlers of the pool's messages, a theme at a time. */
export type PoolMessages = NonNullable<ClassBehaviour<'pool'>['messages']>;
