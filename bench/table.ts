/** One measured figure beside what it is held against. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** What it must reach: at least (rates) or at most (times, sizes). */
  readonly limit: number;
  readonly better: 'more' | 'less';
  /** What the original does on the same machine, as text. */
  readonly original?: string;
}

const round = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

/** Whether a figure reaches its limit. */
export function reached({ measured, limit, better }: Row): boolean {
  return better === 'more' ? measured >= limit : measured <= limit;
}

/** The figures as a table for the terminal and for Markdown alike. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const ratio = row.better === 'more' ? row.measured / row.limit : row.limit / row.measured;
    const limit = `${row.better === 'more' ? '≥' : '≤'} ${round(row.limit)}`;
    return `| ${row.what} | ${round(row.measured)} ${row.unit} | ${limit} ${row.unit} | ${ratio.toFixed(1)}× ${reached(row) ? '' : '(missed) '}| ${row.original ?? ''} |`;
  });
  return ['| what | measured | limit | headroom | the original |', '|---|---|---|---|---|', ...lines].join('\n');
}
