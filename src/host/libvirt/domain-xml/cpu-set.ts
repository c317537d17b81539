/** Highest number of a CPU or memory node that is taken: libvirt's own limit. */
const HIGHEST = 16_383;

/** Numbers that the sets of one text may name, each as often as it is named: clients write such texts, however long. */
const MOST = 2 ** 18;

/** How many more numbers may be named. */
export interface Allowance {
  left: number;
}

/** Numbers in a text such as `0-3,^2,8`, sorted; undefined when it is none. `allowance`: for several sets together. */
export function parseCpuSet(text: string, allowance: Allowance = { left: MOST }): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, not, from = '', to = from] = /^\s*(\^?)(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (not === undefined || Number(to) > HIGHEST) return undefined;
    for (let at = Number(from); at <= Number(to); at++) {
      if (--allowance.left < 0) return undefined;
      if (not) found.delete(at);
      else found.add(at);
    }
  }
  return found.size ? [...found].sort((a, b) => a - b) : undefined;
}

/** Sets with a semicolon between; none when one of them is none. */
export function parseCpuSets(text: string): readonly (readonly number[])[] {
  const allowance = { left: MOST };
  const sets: (readonly number[])[] = [];
  for (const one of text.split(';')) {
    const set = parseCpuSet(one, allowance);
    if (set === undefined) return [];
    sets.push(set);
  }
  return sets;
}

/** The text of such a set, with ranges where numbers follow one another. */
export function formatCpuSet(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const at of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else ranges.push([at, at]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
