import type { OperationRules } from '../rule.js';

/** When the operations of a VM may be done. */
export const vmRules: OperationRules<'VM'> = {
  className: 'VM',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
