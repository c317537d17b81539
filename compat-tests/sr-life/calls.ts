import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import { refIn, refsIn, SOON, told, toldGone } from '../kvm/support/client-cache.js';
import type { SrGateway } from './sr-gateway.js';

/** `soon` is only needed where things take longer than they do on a host. */
type Gateway = Pick<SrGateway, 'xapi'> & Partial<Pick<SrGateway, 'soon'>>;

/** Milliseconds for an import to end once all has been sent. */
const IMPORT_PATIENCE = 120_000;

/** Disks in the drives of a VM. */
export function disksOf({ xapi }: Gateway, vm: string): string[] {
  return refsIn(xapi.getObjectByRef(vm), 'VBDs').map((vbd) => refIn(xapi.getObjectByRef(vbd), 'VDI'));
}

/** What a disk holds, as the gateway gives it. */
export async function contentOf({ xapi, soon = SOON }: Gateway, vdi: string): Promise<Buffer> {
  const { body } = await xapi.getResource('/export_raw_vdi', { query: { vdi, format: 'raw' } });
  const bytes = await buffer(body);
  // The last bytes are here before the server has put everything away.
  await told(xapi, 'VDI', { $ref: vdi, current_operations: {} }, soon);
  return bytes;
}

/** Its SHA-256. */
export async function digestOf(gateway: Gateway, vdi: string): Promise<string> {
  return createHash('sha256')
    .update(await contentOf(gateway, vdi))
    .digest('hex');
}

/** The file of a VM. */
export async function exported(
  { xapi, soon = SOON }: Gateway,
  vm: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const { body } = await xapi.getResource('/export/', { query: { ref: vm, ...query } });
  const bytes = await buffer(body);
  await told(xapi, 'VM', { $ref: vm, current_operations: {} }, soon);
  return bytes;
}

/** Imports the file of a VM. Resolves to the VM when the client knows it. */
export async function imported(
  { xapi, soon = SOON }: Gateway,
  file: Buffer,
  query: Readonly<Record<string, string>> = {},
): Promise<string> {
  const task = String(await xapi.call('task.create', 'import', ''));
  await xapi.putResource(file, '/import/', { query, task });
  const { result, error_info } = await told(xapi, 'task', { $ref: task, status: 'success' }, IMPORT_PATIENCE);
  expect(error_info).toEqual([]);
  const [, ref = ''] = /<value>(OpaqueRef:[^<]+)<\/value>/.exec(String(result)) ?? [];
  await told(xapi, 'VM', { $ref: ref, current_operations: {} }, soon);
  return ref;
}

/** Destroys a VM with its disks. */
export async function removeWithDisks(gateway: Gateway, vm: string): Promise<void> {
  const { xapi, soon = SOON } = gateway;
  const disks = disksOf(gateway, vm);
  await xapi.callAsync('VM.destroy', vm);
  for (const disk of disks) await xapi.callAsync('VDI.destroy', disk);
  await toldGone(xapi, 'VM', { $ref: vm }, soon);
}

/** What a probe for SRs of a type says. */
export async function probed({ xapi }: Gateway, type: string, deviceConfig: Readonly<Record<string, string>>): Promise<string> {
  return String(await xapi.call('SR.probe', refIn(xapi.pool, 'master'), deviceConfig, type, {}));
}

/** Makes an SR and attaches it. Resolves when the client knows that it is attached. */
export async function newSr(
  { xapi, soon = SOON }: Gateway,
  { type, deviceConfig, shared }: { type: string; deviceConfig: Readonly<Record<string, string>>; shared: boolean },
): Promise<string> {
  const host = refIn(xapi.pool, 'master');
  const kind = type === 'iso' ? 'iso' : 'user';
  const sr = String(await xapi.callAsync('SR.create', host, deviceConfig, 0, 'under test', '', type, kind, shared, {}));
  await told(xapi, 'SR', { $ref: sr, type }, soon);
  await told(xapi, 'PBD', { SR: sr, currently_attached: true }, soon);
  return sr;
}
