import type { OperationOf } from '../rule.js';

export type Operation = OperationOf<'VDI'>;

/** What an operation of a VDI needs and bears. */
export interface OperationNeeds {
  /** Attached drives that do not stand in its way: all, those that only read, those of snapshots, none. */
  readonly whileAttached: 'always' | 'readOnly' | 'toSnapshots' | 'never';
  /** Feature that the SR's driver must have. */
  readonly feature?: string;
  /** Whether it can be done to what is left of a snapshot after data_destroy. */
  readonly onChangeRecord: boolean;
  /** Whether it can be done while changed blocks are tracked. */
  readonly whileTracked: boolean;
  /** Whether hosts of an older version do not know it. */
  readonly newer: boolean;
}

function needs(
  whileAttached: OperationNeeds['whileAttached'],
  onChangeRecord: boolean,
  feature?: string,
  more: { readonly whileTracked?: boolean; readonly newer?: boolean } = {},
): OperationNeeds {
  return { whileAttached, onChangeRecord, whileTracked: true, newer: false, ...(feature !== undefined && { feature }), ...more };
}

/** The conditions of every operation. */
export const CARRIED_OUT: { readonly [O in Operation]: OperationNeeds } = {
  clone: needs('always', false, 'VDI_CLONE'),
  copy: needs('readOnly', false),
  resize: needs('never', false, 'VDI_RESIZE'),
  resize_online: needs('always', false, 'VDI_RESIZE_ONLINE'),
  snapshot: needs('always', false, 'VDI_SNAPSHOT'),
  mirror: needs('always', false, 'VDI_MIRROR', { whileTracked: false, newer: true }),
  destroy: needs('never', true, 'VDI_DELETE'),
  forget: needs('never', true),
  update: needs('never', true, 'VDI_UPDATE'),
  force_unlock: needs('never', true),
  generate_config: needs('never', true, 'VDI_GENERATE_CONFIG'),
  enable_cbt: needs('always', false, 'VDI_CONFIG_CBT', { newer: true }),
  disable_cbt: needs('always', false, 'VDI_CONFIG_CBT', { newer: true }),
  data_destroy: needs('always', true, 'VDI_CONFIG_CBT', { newer: true }),
  list_changed_blocks: needs('toSnapshots', true, 'VDI_CONFIG_CBT', { newer: true }),
  set_on_boot: needs('never', false, 'VDI_RESET_ON_BOOT', { whileTracked: false, newer: true }),
  // What the content of a disk is taken from an upload under.
  blocked: needs('never', false),
  revert_to: needs('always', false, 'VDI_CLONE', { newer: true }),
  revert_from: needs('never', false, 'VDI_CLONE', { newer: true }),
};
