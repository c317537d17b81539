/** Blanks in front of every line of names. */
const INDENT = '    ';

/** Longest line that a name is still put behind, name included. The separator does not count. */
const WIDTH = 74;

/** Names with commas between them in indented lines. Where a line ends, its comma is left out. */
export function foldNames(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const name of names) {
    if (line !== undefined && line.length + name.length <= WIDTH) {
      line += `, ${name}`;
      continue;
    }
    if (line !== undefined) lines.push(line);
    line = INDENT + name;
  }
  return line === undefined ? lines : [...lines, line];
}
