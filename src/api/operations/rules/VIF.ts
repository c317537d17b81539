import type { OperationRules } from '../rule.js';

/** When the operations of a VIF may be done. */
export const vifRules: OperationRules<'VIF'> = {
  className: 'VIF',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
