import { textTable } from './text-table.js';

/** How far the messages of one class are implemented. */
export interface CoverageRow {
  readonly className: string;
  /** Messages that follow from the fields: all there are, and those that work. */
  readonly implicit: { readonly total: number; readonly implemented: number };
  /** The other messages that are not withdrawn: those that do what they say, that only keep it, that answer with an error. */
  readonly explicit: { readonly implemented: number; readonly storedOnly: number; readonly refused: number };
}

/** The rows as a table for people, with a sum and the share of what is implemented. */
export function coverageTable(rows: readonly CoverageRow[]): string {
  const sum = (of: (row: CoverageRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const cells = ({ className, implicit, explicit }: CoverageRow): (string | number)[] => {
    const total = explicit.implemented + explicit.storedOnly + explicit.refused;
    return [
      className,
      `${implicit.implemented}/${implicit.total}`,
      explicit.implemented,
      explicit.storedOnly,
      explicit.refused,
      share(explicit.implemented, total),
    ];
  };
  const whole: CoverageRow = {
    className: `${rows.length} classes`,
    implicit: { total: sum(({ implicit }) => implicit.total), implemented: sum(({ implicit }) => implicit.implemented) },
    explicit: {
      implemented: sum(({ explicit }) => explicit.implemented),
      storedOnly: sum(({ explicit }) => explicit.storedOnly),
      refused: sum(({ explicit }) => explicit.refused),
    },
  };
  return textTable(['class', 'implicit', 'implemented', 'stored only', 'refused', 'share'], [...rows, whole].map(cells));
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${Math.floor((100 * part) / whole)} %`;
}
