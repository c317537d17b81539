import { relations } from '../../schema/relations.js';
import type { Rpc } from '../../test-support/rpc.js';
import type { Snapshot } from './snapshot.js';

const NULL = 'OpaqueRef:NULL';

/** References that name an object which has to exist: what has lost it is half of something. */
const OWNERS: readonly (readonly [className: string, field: string, target: string])[] = [
  ['VBD', 'VM', 'VM'],
  ['VIF', 'VM', 'VM'],
  ['VIF', 'network', 'network'],
  ['VDI', 'SR', 'SR'],
  ['PBD', 'SR', 'SR'],
  ['PBD', 'host', 'host'],
  ['PIF', 'host', 'host'],
  ['PIF', 'network', 'network'],
  ['console', 'VM', 'VM'],
  ['host', 'metrics', 'host_metrics'],
  ['VM', 'metrics', 'VM_metrics'],
];

/** What is wrong with the objects of a pool by themselves, as sentences; nothing when all is well. */
export function inconsistencies(snapshot: Snapshot): string[] {
  return [...oneSided(snapshot), ...orphans(snapshot), ...halfVms(snapshot), ...hangingTasks(snapshot)];
}

/**
 * VDIs without a volume and volumes without a VDI, as a scan of the SRs tells by removing and making records. What the
 * daemon was just about to destroy may have lost its volume, if the VDI says so.
 */
export async function strayVolumes(rpc: Rpc, snapshot: Snapshot): Promise<string[]> {
  for (const [sr, { content_type }] of snapshot.all('SR')) if (content_type === 'user') await rpc.call('SR.scan', sr);
  const after = new Set(await rpc.call<string[]>('VDI.get_all'));
  const before = snapshot.all('VDI');
  const lost = [...before].filter(([vdi, { missing }]) => !after.has(vdi) && missing !== true);
  const found = [...after].filter((vdi) => !before.has(vdi));
  return [
    ...lost.map(([vdi, { name_label }]) => `VDI ${vdi} (${name_label}) had no volume`),
    ...found.map((vdi) => `the volume that is VDI ${vdi} now belonged to nothing`),
  ];
}

/** Every relation is known on both of its sides. */
function* oneSided(snapshot: Snapshot): Generator<string> {
  for (const { kind, from, to } of relations) {
    if (kind === 'weak' || from[0] === 'session' || to[0] === 'session') continue;
    // A role names the roles that it contains in the same field on both sides: that one has a direction.
    if (from[0] === to[0] && from[1] === to[1]) continue;
    const [one, many] = [[...from] as [string, string], [...to] as [string, string]];
    yield* unanswered(snapshot, one, many);
    yield* unanswered(snapshot, many, one);
  }
}

function* unanswered(
  snapshot: Snapshot,
  [className, field]: [string, string],
  [other, back]: [string, string],
): Generator<string> {
  for (const [ref, record] of snapshot.all(className)) {
    for (const target of refs(record[field])) {
      const far = snapshot.find(other, target);
      // A single reference may dangle in the API; what must not is among the owners.
      if (far === undefined) {
        if (Array.isArray(record[field])) yield `${className} ${ref}: ${field} names ${other} ${target}, which does not exist`;
      } else if (!refs(far[back]).includes(ref))
        yield `${className} ${ref}: ${field} names ${other} ${target}, whose ${back} does not name it`;
    }
  }
}

function* orphans(snapshot: Snapshot): Generator<string> {
  for (const [className, field, target] of OWNERS) {
    for (const [ref, record] of snapshot.all(className)) {
      const named = refs(record[field])[0];
      if (named !== undefined && snapshot.find(target, named) === undefined)
        yield `${className} ${ref}: its ${field} ${named} does not exist`;
      // Templates and halted VMs of old pools may be without metrics; everything else has its owner.
      if (named === undefined && field !== 'metrics') yield `${className} ${ref}: has no ${field}`;
    }
  }
}

function* halfVms(snapshot: Snapshot): Generator<string> {
  for (const [ref, vbd] of snapshot.all('VBD')) {
    const vdi = refs(vbd.VDI)[0];
    if (vbd.empty === false && vdi === undefined) yield `VBD ${ref}: is not empty and has no VDI`;
    if (vdi !== undefined && snapshot.find('VDI', vdi) === undefined) yield `VBD ${ref}: its VDI ${vdi} does not exist`;
  }
  for (const [ref, vm] of snapshot.all('VM')) {
    const resident = refs(vm.resident_on)[0];
    const needsHost = vm.power_state === 'Running' || vm.power_state === 'Paused';
    if (needsHost !== (resident !== undefined)) yield `VM ${ref}: is ${vm.power_state} and resident on ${vm.resident_on}`;
    const memory = snapshot.find('VDI', vm.suspend_VDI);
    if (vm.power_state === 'Suspended' && (memory === undefined || memory.missing === true))
      yield `VM ${ref}: is suspended without its memory`;
    if (Object.keys(vm.current_operations as object).length > 0)
      yield `VM ${ref}: still has operations ${JSON.stringify(vm.current_operations)}`;
  }
}

/** Right after a start nothing can still be at work for clients of the daemon before. */
function* hangingTasks(snapshot: Snapshot): Generator<string> {
  for (const [ref, { name_label, status, session }] of snapshot.all('task')) {
    if (status === 'pending' && session !== undefined && String(name_label).startsWith('Async.'))
      yield `task ${ref} (${name_label}): is pending, and nobody works on it`;
  }
}

function refs(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((ref): ref is string => typeof ref === 'string' && ref !== NULL);
  return typeof value === 'string' && value !== '' && value !== NULL ? [value] : [];
}
