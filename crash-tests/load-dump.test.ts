import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Daemon, DaemonProcess, newDataDir, PASSWORD, remove } from '../test-support/daemon.js';
import { type JsonRecord, Rpc } from '../test-support/rpc.js';

/** A pool of two hosts with a bond, a VLAN, SRs of four kinds, a running, a suspended and a halted VM. */
const DUMP = fileURLToPath(new URL('../test-support/pool-dump.xml', import.meta.url));

let directory: string;
let daemons: Daemon[];
beforeEach(async () => {
  directory = await newDataDir();
  daemons = [];
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.kill();
  await remove(directory);
});

const options = (dump: string, ...args: string[]) => ({ emulate: '', args: ['--load-dump', dump, ...args] });

async function start(name: string, dump: string, ...args: string[]): Promise<[Daemon, Rpc]> {
  const daemon = await Daemon.start(join(directory, name), options(dump, ...args));
  daemons.push(daemon);
  return [daemon, await Rpc.login(daemon)];
}

/** What VMs are, by their references, without what moves by itself. */
async function vms(rpc: Rpc): Promise<Record<string, JsonRecord>> {
  const all = await rpc.call<Record<string, JsonRecord>>('VM.get_all_records');
  return Object.fromEntries(
    Object.entries(all).map(([ref, { uuid, name_label, power_state, VBDs, VIFs, resident_on }]) => [
      ref,
      { uuid, name_label, power_state, VBDs: [...(VBDs as string[])].sort(), VIFs: [...(VIFs as string[])].sort(), resident_on },
    ]),
  );
}

it('answers as the pool of a dump, works with it, and finds all of it again', async () => {
  const [first, rpc] = await start('data', DUMP, '--persona', 'xenserver-8');
  expect(await vms(rpc)).toMatchObject({
    'OpaqueRef:vm-web': {
      uuid: '31c10024-4d1f-9e02-70b3-06031133599c',
      name_label: 'web',
      power_state: 'Running',
      resident_on: 'OpaqueRef:host-elm',
      VBDs: ['OpaqueRef:vbd-web-0', 'OpaqueRef:vbd-web-1', 'OpaqueRef:vbd-web-3'],
    },
    'OpaqueRef:vm-mail': { name_label: 'mail', power_state: 'Suspended' },
    // Its auto_poweron means the start of hosts, and these go on where they were.
    'OpaqueRef:vm-spare': { name_label: 'spare & old', power_state: 'Halted' },
  });
  const host = await rpc.call<JsonRecord>('host.get_record', 'OpaqueRef:host-oak');
  expect(host).toMatchObject({ address: '192.0.2.21', software_version: { product_version: '8.2.1', product_brand: 'XCP-ng' } });
  expect(await rpc.call('pool.get_name_label', 'OpaqueRef:pool-1')).toBe('Harbour Street');
  for (const pif of ['OpaqueRef:pif-bond0-elm', 'OpaqueRef:pif-vlan-elm'])
    expect(await rpc.call('PIF.get_currently_attached', pif)).toBe(true);
  expect(await rpc.call('PIF.get_IP', 'OpaqueRef:pif-bond0-elm')).toBe('192.0.2.22');
  for (const sr of ['sr-nfs', 'sr-ceph', 'sr-local-elm', 'sr-iso'])
    for (const pbd of await rpc.call<string[]>('SR.get_PBDs', `OpaqueRef:${sr}`))
      expect(await rpc.call('PBD.get_currently_attached', pbd), sr).toBe(true);
  expect(await rpc.call('VDI.get_location', 'OpaqueRef:vdi-cd')).toBe('debian-12.5.0-amd64-netinst.iso');
  expect(first.process.output).toContain('"table":"Cat"');
  expect(first.process.output).toContain('"field":"whiskers"');

  await rpc.call('VM.start', 'OpaqueRef:vm-spare', false, false);
  await rpc.call('VM.hard_shutdown', 'OpaqueRef:vm-web');
  await rpc.call('VM.resume', 'OpaqueRef:vm-mail', false, false);
  const copy = await rpc.call<string>('VM.clone', 'OpaqueRef:vm-web', 'web copy');
  const before = await vms(rpc);
  expect(before['OpaqueRef:vm-spare']?.power_state).toBe('Running');
  expect(before['OpaqueRef:vm-web']?.power_state).toBe('Halted');
  expect(before['OpaqueRef:vm-mail']?.power_state).toBe('Running');
  expect(before[copy]?.name_label).toBe('web copy');
  rpc.close();
  expect((await first.stop()).code).toBe(0);

  // A directory that holds a pool is continued, whatever there is to be loaded.
  const [, again] = await start('data', join(directory, 'no longer there.xml'));
  expect(await vms(again)).toEqual(before);
  expect(await again.call('host.get_software_version', 'OpaqueRef:host-oak')).toEqual(host.software_version);
  again.close();
});

it('gives out a dump that can be loaded again', async () => {
  const [first, rpc] = await start('one', DUMP);
  const url = `${first.http}/pool/xmldbdump`;
  expect((await fetch(url)).status).toBe(401);
  const reply = await fetch(url, { headers: { authorization: `Basic ${Buffer.from(`root:${PASSWORD}`).toString('base64')}` } });
  expect(reply.status).toBe(200);
  const file = join(directory, 'own.xml');
  await writeFile(file, await reply.text());
  const [second, other] = await start('two', file);
  expect(await vms(other)).toEqual(await vms(rpc));
  // Nothing of our own dump is unknown to us.
  expect(second.process.output).not.toContain('part of the dump is left out');
  for (const each of [rpc, other]) each.close();
});

it.each([
  [
    'a file that ends too early',
    (text: string) => text.slice(0, -200),
    /load-dump \(from .*\): database dump, line \d+.*unclosed/,
  ],
  [
    'a damaged value',
    (text: string) => text.replace('VLAN="20"', 'VLAN="twenty"'),
    /database dump, line \d+, table PIF, row .*VLAN/,
  ],
  ['a dump without a pool', (text: string) => text.replaceAll('table name="pool"', 'table name="pond"'), /holds no pool/],
  ['a pool without its master', (text: string) => text.replace('ref="OpaqueRef:host-oak"', 'ref="OpaqueRef:x"'), /master/],
  ['an object that is there twice', (text: string) => text.replace('ref="OpaqueRef:vm-mail"', 'ref="OpaqueRef:vm-web"'), /twice/],
  ['something else', () => 'hello', /load-dump/],
])('refuses %s and leaves nothing behind', async (_what, change, message) => {
  const file = join(directory, 'bad.xml');
  await writeFile(file, change(await readFile(DUMP, 'utf8')));
  const dataDir = join(directory, 'data');
  const process = DaemonProcess.spawn(dataDir, options(file));
  expect(await process.ended).toMatchObject({ code: 2 });
  expect(process.output).toMatch(message);
  await expect(stat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
});
