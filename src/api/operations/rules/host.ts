import type { OperationRules } from '../rule.js';

/** When the operations of a host may be done. */
export const hostRules: OperationRules<'host'> = {
  className: 'host',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
