import { asRef, type Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import type { ApiClient } from '../../api/api-client.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { Target } from '../../records/record-class.js';
import { onVms } from '../../selectors/vms.js';
import { assertPermitted } from '../permitted.js';
import { type Place, placeIn, roomiestSr } from './remote-place.js';
import { RemotePool } from './remote-pool.js';

/**
 * Moves a VM with its disks to a pool that the command line names.
 * @param host which host there, by name or uuid; undefined for any
 * @param port of the other pool, where that is not the usual one
 */
export async function migrateStorage(
  context: CommandContext,
  host: string | undefined,
  options: ReadonlyMap<string, string>,
  port?: number,
): Promise<void> {
  const { api, client, parameters, printer } = context;
  // Who may not move VMs out of the pool may not have this machine connect to others either.
  assertPermitted(api, 'vm.migrate_send');
  const user = { userName: parameters.required('remote-username'), password: parameters.required('remote-password') };
  const remote = await RemotePool.logIn(parameters.required('remote-master'), user, { gone: client.signal, port });
  try {
    const place = await placeIn(remote, host, parameters.find('remote-network'));
    const moved = await onVms(context, (vm) => migrateVm(context, vm, remote, place, options), { single: true });
    if (!parameters.boolean('copy')) return;
    for (const vm of moved) printer.lines(String(await remote.call('VM.get_uuid', vm)));
  } finally {
    await remote.close();
  }
}

async function migrateVm(
  context: CommandContext,
  { ref, record }: Target<'VM'>,
  remote: RemotePool,
  place: Place,
  options: ReadonlyMap<string, string>,
): Promise<Ref<'VM'>> {
  const { api, printer } = context;
  const vifs = await mapping(context, 'vif', 'VIF', remote, 'network');
  const vgpus = await mapping(context, 'vgpu', 'VGPU', remote, 'GPU_group');
  const disks = await mapping(context, 'vdi', 'VDI', remote, 'SR');
  const unmapped = disksOf(api, record.fields.VBDs).filter((vdi) => !disks.has(vdi));
  if (unmapped.length > 0) {
    const sr = await roomiestSr(remote, place.host);
    for (const vdi of unmapped) disks.set(vdi, sr);
  }
  const formats = new Map([...context.parameters.map('image-format')].map(([uuid, format]) => [api.byUuid('VDI', uuid), format]));
  printer.message(`Moving to host ${place.hostName} over network ${place.networkName}, disks as follows:`);
  for (const [vdi, sr] of disks) printer.message(`VDI ${api.uuid('VDI', vdi)} -> SR ${await remote.call('SR.get_uuid', sr)}`);
  const token = await remote.call('host.migrate_receive', place.host, place.network, Object.fromEntries(options));
  return api.call('VM', 'migrate_send', ref, destinationOf(token), true, disks, vifs, options, vgpus, formats);
}

/** What `word:OWN=THEIRS` says, both by uuid. */
async function mapping<From extends ClassName, To extends ClassName>(
  { api, parameters }: CommandContext,
  word: string,
  from: From,
  remote: RemotePool,
  to: To,
): Promise<Map<Ref<From>, Ref<To>>> {
  const mapped = new Map<Ref<From>, Ref<To>>();
  for (const [own, theirs] of parameters.map(word))
    mapped.set(api.byUuid(from, own), asRef<To>(String(await remote.call(`${to}.get_by_uuid`, theirs))));
  return mapped;
}

/** Disks that have to go along: not CDs, which the other pool has or has not. */
function disksOf(api: ApiClient, vbds: readonly Ref<'VBD'>[]): Ref<'VDI'>[] {
  return vbds.flatMap((vbd) => {
    const { empty, type, VDI } = api.record('VBD', vbd).fields;
    return empty || type === 'CD' ? [] : [VDI];
  });
}

function destinationOf(token: unknown): Map<string, string> {
  if (typeof token !== 'object' || token === null) throw new CommandFailure('The other pool did not say where to send the VM');
  return new Map(Object.entries(token).map(([key, value]) => [key, String(value)]));
}
