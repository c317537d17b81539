import type { OperationRules } from '../rule.js';

/** When the operations of a VBD may be done. */
export const vbdRules: OperationRules<'VBD'> = {
  className: 'VBD',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
