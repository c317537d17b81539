import type { DiskSpec, NicSpec } from '../../compute.js';
import { limitsOf } from './disk-device.js';
import { positionOf } from './disk-place.js';
import type { DiskElement, NicElement } from './found-devices.js';
import type { StoredDisk, StoredNic } from './stored.js';
import { child, children } from './xml.js';

/** Where CD drives are that stand at the place of a disk: clients look for the first one there. */
const CD_POSITION = 3;

/** Drives as the model has them, but for their volumes. */
export function describeDrives(
  disks: readonly DiskElement[],
  stored: ReadonlyMap<string, StoredDisk>,
  bootable: ReadonlySet<string>,
): readonly Omit<DiskSpec, 'volume'>[] {
  const positions = new Map<string, number>();
  const taken = new Set<number>();
  const place = (uuid: string, wanted: number) => {
    let at = wanted;
    while (taken.has(at)) at++;
    taken.add(at);
    positions.set(uuid, at);
  };
  const kept = (one: DiskElement) => {
    const record = stored.get(one.uuid);
    return record?.target === one.target ? record.position : undefined;
  };
  // Those that are known keep their positions, whatever stands before them.
  for (const one of disks) {
    const position = kept(one);
    if (position !== undefined) place(one.uuid, position);
  }
  for (const one of disks) {
    if (positions.has(one.uuid)) continue;
    const wanted = positionOf(one.target) ?? 0;
    place(one.uuid, one.kind === 'CD' && taken.has(wanted) ? CD_POSITION : wanted);
  }
  return disks.map((one) => {
    const record = stored.get(one.uuid);
    return {
      vbd: one.uuid,
      position: positions.get(one.uuid) ?? 0,
      kind: one.kind,
      writable: record?.readonly === one.readonly ? record.writable : !one.readonly,
      bootable: bootable.has(one.uuid),
      qos: describeLimits(one, record),
    };
  });
}

/** Network cards as the model has them. `bridgeOf`: the bridge of a libvirt network. */
export function describeCards(
  nics: readonly NicElement[],
  stored: ReadonlyMap<string, StoredNic>,
  bridgeOf: ((network: string) => string | undefined) | undefined,
): readonly NicSpec[] {
  const taken = new Set(nics.flatMap(({ uuid }) => stored.get(uuid)?.position ?? []));
  let next = 0;
  const free = () => {
    while (taken.has(next)) next++;
    taken.add(next);
    return next;
  };
  return nics.map((one) => {
    const record = stored.get(one.uuid);
    return {
      vif: one.uuid,
      position: record?.position ?? free(),
      mac: one.mac,
      mtu: one.mtu,
      bridge: bridgeName(one, bridgeOf),
      locking: record?.locking ?? { mode: 'unlocked', ipv4: [], ipv6: [] },
      qos: record?.qos ?? new Map(),
    };
  });
}

/** The bridge or device of the host to which a card is connected; empty where it is to neither. */
export function bridgeName({ type, source }: NicElement, bridgeOf?: (network: string) => string | undefined): string {
  if (type === 'network') return source.bridge ?? (source.network && bridgeOf?.(source.network)) ?? '';
  if (type === 'direct') return source.device ?? '';
  return source.bridge ?? '';
}

function describeLimits({ element }: DiskElement, record: StoredDisk | undefined): DiskSpec['qos'] {
  const found = children(child(element, 'iotune')).map(({ nodeName, textContent }) => [nodeName, Number(textContent)] as const);
  const values = new Map(found.filter(([, value]) => value > 0));
  const kept = record?.qos ?? new Map<string, string>();
  const expressed = Object.entries(limitsOf(kept));
  if (expressed.length === values.size && expressed.every(([name, value]) => values.get(name) === value)) return kept;
  const rate = values.get('total_bytes_sec');
  const operations = values.get('total_iops_sec');
  return new Map([
    ...[...kept].filter(([key]) => key !== 'kbps' && key !== 'iops'),
    ...(rate === undefined ? [] : [['kbps', String(Math.max(1, Math.round(rate / 1024)))] as const]),
    ...(operations === undefined ? [] : [['iops', String(operations)] as const]),
  ]);
}
