import type { EnumValue } from '../types.js';

/** Types of VDI that a provisioned disk may have. */
export type VdiType = Extract<EnumValue<'vdi_type'>, 'system' | 'user' | 'ephemeral' | 'suspend' | 'crashdump'>;

const TYPES: ReadonlySet<string> = new Set<VdiType>(['system', 'user', 'ephemeral', 'suspend', 'crashdump']);

/** Whether text is the type of a disk that can be provisioned. */
export function isVdiType(text: string): text is VdiType {
  return TYPES.has(text);
}
