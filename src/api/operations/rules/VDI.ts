import type { OperationRules } from '../rule.js';

/** When the operations of a VDI may be done. */
export const vdiRules: OperationRules<'VDI'> = {
  className: 'VDI',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
