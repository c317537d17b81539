import type { SrPaths } from '../../host/storage-network.js';

type Config = ReadonlyMap<string, string>;

/** Key of PBD.other_config for a logical unit: its SCSI id follows. */
const UNIT = 'mpath-';
const MULTIPATHED = 'multipathed';
const SESSIONS = 'iscsi_sessions';

/** Paths to a logical unit: those that are up, and the most that there ever were. */
export interface PathCount {
  readonly scsiId: string;
  readonly current: number;
  readonly max: number;
}

/** The counts that an other_config tells of. */
export function pathCounts(config: Config): readonly PathCount[] {
  return [...config].flatMap(([key, value]) => {
    const [, current, max] = /^\[(\d+), ?(\d+)\]$/.exec(value) ?? [];
    if (!key.startsWith(UNIT) || current === undefined || max === undefined) return [];
    return [{ scsiId: key.slice(UNIT.length), current: Number(current), max: Number(max) }];
  });
}

/**
 * An other_config that tells of the paths that there are, the same one where nothing has changed. A path that has gone counts as one that is to come
 * back, as long as the SR is attached.
 */
export function withPathCounts(config: Config, paths: SrPaths | undefined): Config {
  const most = new Map(pathCounts(config).map(({ scsiId, max }) => [scsiId, max]));
  const told = new Map<string, string>();
  for (const { scsiId, active, total } of paths?.units ?? []) {
    told.set(MULTIPATHED, 'true');
    told.set(UNIT + scsiId, `[${active}, ${Math.max(total, most.get(scsiId) ?? 0)}]`);
  }
  if (paths?.iscsiSessions !== undefined) told.set(SESSIONS, String(paths.iscsiSessions));
  const isTold = (key: string): boolean => key === MULTIPATHED || key === SESSIONS || key.startsWith(UNIT);
  const before = [...config].filter(([key]) => isTold(key));
  if (before.length === told.size && before.every(([key, value]) => told.get(key) === value)) return config;
  return new Map([...[...config].filter(([key]) => !isTold(key)), ...told]);
}

/** Key of a device_config under which all addresses of an iSCSI target are kept: each serves to find it when others are away. */
const ADDRESSES = 'multihomelist';

/** A device_config that knows the addresses which are known of its target, the same one where it does already. */
export function withAddresses(config: Config, paths: SrPaths | undefined): Config {
  const known = (config.get(ADDRESSES) ?? '').split(',').filter(Boolean);
  const fresh = (paths?.addresses ?? []).filter((address) => !known.includes(address));
  return fresh.length === 0 ? config : new Map(config).set(ADDRESSES, [...known, ...fresh].join(','));
}
