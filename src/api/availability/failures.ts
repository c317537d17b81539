import { pack, type Sizes } from './pack.js';

/** Sets of failing hosts that are tried one by one; beyond it a bound on the safe side is taken instead. */
const MOST_CASES = 2000;

/** Hosts that live with the room that they have left, and what must be started again when they fail. Bytes. */
export interface Guarded {
  readonly rooms: Sizes;
  /** What runs on a host and must go on. */
  readonly loads: ReadonlyMap<string, Sizes>;
  /** What runs nowhere and must be started in any case. */
  readonly waiting: Sizes;
}

/** Whether everything can go on whichever `failures` hosts fail. May say no where it just could, never the other way. */
export function survives({ rooms, loads, waiting }: Guarded, failures: number): boolean {
  const start = pack(rooms, waiting);
  if (start.left.length) return false;
  const free = new Map(rooms);
  const running = new Map([...loads].map(([host, load]) => [host, new Map(load)]));
  for (const [thing, host] of start.places) {
    const size = waiting.get(thing) ?? 0;
    free.set(host, (free.get(host) ?? 0) - size);
    running.set(host, new Map(running.get(host)).set(thing, size));
  }
  const hosts = [...free.keys()];
  if (failures <= 0) return true;
  if (failures >= hosts.length) return [...running.values()].every((load) => load.size === 0);
  if (combinations(hosts.length, failures) > MOST_CASES) return survivesWorst(free, running, failures);
  return allSubsets(hosts, failures, (failed) => {
    const gone = new Set(failed);
    const things = new Map(failed.flatMap((host) => [...(running.get(host) ?? [])]));
    return pack(new Map([...free].filter(([host]) => !gone.has(host))), things).left.length === 0;
  });
}

/** The largest number of failing hosts that can be survived, whichever they are. */
export function mostFailures(guarded: Guarded): number {
  let failures = 0;
  while (failures < guarded.rooms.size && survives(guarded, failures + 1)) failures++;
  return failures;
}

/** As if the most loaded hosts failed and those with most room failed too. */
function survivesWorst(free: Sizes, running: ReadonlyMap<string, Sizes>, failures: number): boolean {
  const total = (load: Sizes) => [...load.values()].reduce((sum, size) => sum + size, 0);
  const loads = [...running.values()].sort((a, b) => total(b) - total(a)).slice(0, failures);
  const rooms = [...free].sort(([, a], [, b]) => b - a).slice(failures);
  return pack(new Map(rooms), new Map(loads.flatMap((load) => [...load]))).left.length === 0;
}

function combinations(of: number, taken: number): number {
  let count = 1;
  for (let i = 0; i < taken; i++) count = (count * (of - i)) / (i + 1);
  return count;
}

function allSubsets(items: readonly string[], size: number, holds: (subset: readonly string[]) => boolean): boolean {
  const choose = (from: number, chosen: readonly string[]): boolean => {
    if (chosen.length === size) return holds(chosen);
    for (let i = from; i <= items.length - (size - chosen.length); i++)
      if (!choose(i + 1, [...chosen, items[i] ?? ''])) return false;
    return true;
  };
  return choose(0, []);
}
