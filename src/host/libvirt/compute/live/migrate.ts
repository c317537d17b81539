import { DomainMigrateFlags, DomainXMLFlags, ErrorCode, LibvirtError, type TypedParameterInput } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { DomainSpec } from '../../../compute.js';
import { cancellation, throwIfCancelled, type Watch } from '../../../progress.js';
import { asHost, hasCode, hostError } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { applyRules } from '../preparing.js';
import { rememberDisks } from './disk-users.js';
import { NO_LIMIT, withJob } from './job.js';
import { moveDisk } from './move-disk.js';
import { relocate } from './relocate.js';

/** Longest text of libvirt's in an error: it quotes the end of QEMU's log. */
const LONGEST_TEXT = 1000;

/**
 * Moves a living domain to another host that sees its volumes; its daemon is told to send it there. Until it has arrived it
 * stays here, so after a failure or a cancel it goes on here. Throws VM_MIGRATE_FAILED [vm, source, destination, text].
 */
export async function migrate(
  context: ComputeContext,
  spec: DomainSpec,
  destination: ComputeContext,
  watch: Watch,
): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(spec.uuid);
  if (destination === context) {
    await moveDisks(context, spec, watch);
    return;
  }
  const giveBack = destination.memory.reserve(
    spec,
    Math.min(spec.memory.dynamicMin, context.states.find(spec.uuid)?.memory ?? 0),
  );
  try {
    const xml = relocate(await migratableXml(context, dom), spec, await destination.surroundings(spec));
    await context.states.leave(spec.uuid, () =>
      destination.states.quietly(spec.uuid, async () => {
        const runs = context.states.find(spec.uuid)?.power === 'Running';
        const ruled = spec.nics.some((nic) => destination.rules.needed(nic));
        await send(context, destination, dom, xml, ruled, watch);
        await arrived(destination, spec, runs && ruled);
      }),
    );
  } finally {
    giveBack();
  }
  watch.progress(1);
}

/** The host stays the same; what may differ is where its disks are. */
async function moveDisks(context: ComputeContext, spec: DomainSpec, watch: Watch): Promise<void> {
  for (const { vbd, kind, volume } of spec.disks) {
    if (kind === 'Disk' && volume !== undefined) await moveDisk(context, spec.uuid, vbd, volume, watch);
  }
  watch.progress(1);
}

async function migratableXml({ session }: ComputeContext, dom: DomainRef): Promise<string> {
  const flags = DomainXMLFlags.MIGRATABLE | DomainXMLFlags.SECURE;
  const { xml } = await asHost({ vm: dom.uuid }, () => session.call('DOMAIN_GET_XML_DESC', { dom, flags }));
  return xml;
}

async function send(
  context: ComputeContext,
  destination: ComputeContext,
  dom: DomainRef,
  xml: string,
  paused: boolean,
  watch: Watch,
): Promise<void> {
  const { LIVE, PEER2PEER, PERSIST_DEST, UNDEFINE_SOURCE, ABORT_ON_ERROR, PAUSED, UNSAFE } = DomainMigrateFlags;
  const flags = LIVE | PEER2PEER | PERSIST_DEST | UNDEFINE_SOURCE | ABORT_ON_ERROR | (paused ? PAUSED : 0);
  const dconnuri = peerUri(destination.options.migrationUri ?? destination.options.uri);
  const params = migrationParams(dconnuri, destination.options.runDirectory, dom.uuid, xml);
  const perform = (more: number) =>
    withJob(context, dom, watch, () => {
      const args = { dom, dconnuri, params, cookie_in: new Uint8Array(), flags: flags | more };
      return context.session.call('DOMAIN_MIGRATE_PERFORM3_PARAMS', args, { timeout: NO_LIMIT });
    });
  try {
    await perform(0).catch((thrown: unknown) => {
      // libvirt does not believe a file system to be shared that it does not know; that both hosts see the volumes is the SR's promise.
      if (hasCode(thrown, ErrorCode.MIGRATE_UNSAFE)) return perform(UNSAFE);
      throw thrown;
    });
  } catch (thrown) {
    throw migrationError(thrown, context, destination, dom.uuid, watch);
  }
}

/** The address as a daemon understands it: one without a transport would be that daemon itself, whatever socket it names. */
export function peerUri(uri: string): string {
  return uri.replace(/^qemu:\/\/\//, 'qemu+unix:///');
}

/** What the sending daemon is told. Between daemons that meet on a Unix socket, memory goes over one, too. */
export function migrationParams(
  dconnuri: string,
  runDirectory: string,
  uuid: string,
  xml: string,
): readonly TypedParameterInput[] {
  const params: TypedParameterInput[] = [{ field: 'destination_xml', type: 'string', value: xml }];
  const local = dconnuri.startsWith('qemu+unix:');
  if (local) params.push({ field: 'migrate_uri', type: 'string', value: `unix://${runDirectory}/${uuid}.migration` });
  return params;
}

/** Rules are there before its guest may send on the new host. */
async function arrived(destination: ComputeContext, spec: DomainSpec, goesOn: boolean): Promise<void> {
  const { session, states } = destination;
  await states.refresh(spec.uuid);
  await rememberDisks(destination, spec.uuid);
  await applyRules(destination, spec.uuid, spec.nics);
  if (!goesOn) return;
  const dom = await destination.domain(spec.uuid);
  await asHost({ vm: spec.uuid }, () => session.call('DOMAIN_RESUME', { dom }));
}

function migrationError(
  thrown: unknown,
  context: ComputeContext,
  destination: ComputeContext,
  uuid: string,
  { signal }: Watch,
): unknown {
  if (signal.aborted) return cancellation(signal);
  if (!(thrown instanceof LibvirtError)) return hostError(thrown, { vm: uuid });
  const told = hostError(thrown, { vm: uuid, locate: (path) => destination.sources.locate(path) });
  if (told instanceof ApiError && told.code !== 'INTERNAL_ERROR') return told;
  const [from, to] = [context.options.uri, destination.options.uri];
  return new ApiError('VM_MIGRATE_FAILED', uuid, from, to, thrown.message.slice(0, LONGEST_TEXT));
}
