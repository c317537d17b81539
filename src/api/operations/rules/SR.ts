import type { OperationRules } from '../rule.js';

/** When the operations of a SR may be done. */
export const srRules: OperationRules<'SR'> = {
  className: 'SR',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
