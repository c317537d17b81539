import type { OperationRules } from '../rule.js';

/** When the operations of a VUSB may be done. */
export const vusbRules: OperationRules<'VUSB'> = {
  className: 'VUSB',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
