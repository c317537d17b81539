/** Lines of a table without labels: columns as wide as their longest cell, cells at the right. */
export function rightAligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(' | '));
}
