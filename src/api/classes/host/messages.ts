import type { ClassBehaviour } from '../../behaviour.js';

/** Handlers of the host's messages, a theme at a time. */
export type HostMessages = NonNullable<ClassBehaviour<'host'>['messages']>;
