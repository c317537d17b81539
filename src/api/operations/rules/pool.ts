import type { OperationRules } from '../rule.js';

/** When the operations of a pool may be done. */
export const poolRules: OperationRules<'pool'> = {
  className: 'pool',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
