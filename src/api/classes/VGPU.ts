import type { ClassBehaviour } from '../behaviour.js';

/** What the class VGPU does. */
export const VGPU: ClassBehaviour<'VGPU'> = {};
