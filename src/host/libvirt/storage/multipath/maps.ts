import { z } from 'zod';

/** A multipath device by its paths. */
export interface MultipathMap {
  /** Name in /dev/mapper. */
  readonly name: string;
  /** Paths that are there, and those of them over which data goes. */
  readonly total: number;
  readonly active: number;
}

/** What multipathd is asked for all maps with their paths. */
export const SHOW_MAPS: readonly string[] = ['show', 'maps', 'json'];

/** What a path checker says of paths that lead nowhere. */
const DEAD = new Set(['faulty', 'shaky', 'failed', 'removed']);

/** Characters of an answer that is none that are told. */
const LONGEST_COMPLAINT = 200;

const path = z.object({ dm_st: z.string(), chk_st: z.string() });
const maps = z.object({
  maps: z.array(z.object({ name: z.string(), uuid: z.string(), path_groups: z.array(z.object({ paths: z.array(path) })) })),
});

/** The maps that it tells of, by the SCSI ids of their units. Throws where it tells something else, as while it is busy. */
export function parseMaps(text: string): ReadonlyMap<string, MultipathMap> {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    throw new Error(`multipathd answers ${text.slice(0, LONGEST_COMPLAINT).trim() || 'nothing'}`);
  }
  return new Map(
    maps.parse(told).maps.map(({ name, uuid, path_groups }) => {
      const paths = path_groups.flatMap((group) => group.paths);
      const active = paths.filter(({ dm_st, chk_st }) => dm_st !== 'failed' && !DEAD.has(chk_st));
      return [uuid, { name, total: paths.length, active: active.length }];
    }),
  );
}
