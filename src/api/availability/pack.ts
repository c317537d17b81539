/** What has a size: the room of a host, or what a VM needs of it. Bytes. */
export type Sizes = ReadonlyMap<string, number>;

/** Where things go, and which found no room. */
export interface Packing {
  readonly places: ReadonlyMap<string, string>;
  readonly left: readonly string[];
}

function largestFirst(sizes: Sizes): [string, number][] {
  return [...sizes].sort(([a, sizeA], [b, sizeB]) => sizeB - sizeA || (a < b ? -1 : 1));
}

/**
 * Puts things into rooms, the largest first, each where most room is left. The same sizes give the same result. `fits`
 * can keep a thing out of a room.
 */
export function pack(rooms: Sizes, things: Sizes, fits: (thing: string, room: string) => boolean = () => true): Packing {
  const free = new Map(rooms);
  const places = new Map<string, string>();
  const left: string[] = [];
  for (const [thing, size] of largestFirst(things)) {
    const room = largestFirst(free).find(([name, bytes]) => bytes >= size && fits(thing, name));
    if (!room) {
      left.push(thing);
      continue;
    }
    places.set(thing, room[0]);
    free.set(room[0], room[1] - size);
  }
  return { places, left };
}
