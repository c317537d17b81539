import type { OperationRules } from '../rule.js';

/** When the operations of a VTPM may be done. */
export const vtpmRules: OperationRules<'VTPM'> = {
  className: 'VTPM',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
