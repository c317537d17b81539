import type { ClassBehaviour } from '../../behaviour.js';

/** Handlers of some messages of VM: the class is put together of several such parts, one to a theme. */
export type VmMessages = NonNullable<ClassBehaviour<'VM'>['messages']>;

/** Replacements of some plain setters of VM. */
export type VmSetters = NonNullable<ClassBehaviour<'VM'>['setters']>;
