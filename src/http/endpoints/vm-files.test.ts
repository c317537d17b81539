import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../api/testing/pool-fixture.js';
import { superuserCaller } from '../../api/testing/superuser-caller.js';
import { disksOf, filesOf, readDisk, writeDisk } from '../../api/vm-files/testing/vm-files.js';
import { HttpSessions, HttpTaskRecords } from '../../daemon/http-sessions.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { RawClient, startTestServer, type TestServer } from '../test-support.js';
import { vmFileEndpoints } from './vm-files.js';

const MIB = 2 ** 20;
const SIZE = 3 * MIB;

let pool: PoolFixture;
let server: TestServer;
let call: ReturnType<typeof superuserCaller>;
let session: string;
let vm: Ref<'VM'>;
const content = Buffer.concat([randomBytes(MIB + 77), Buffer.alloc(SIZE - MIB - 77)]);

beforeEach(async () => {
  pool = await poolFixture({
    vms: [vmPlan('11111111-1111-4111-8111-111111111111', { disks: [{ name: 'd', size: SIZE, sr: undefined }] })],
  });
  const { api } = pool;
  call = superuserCaller(api);
  vm = pool.vm('vm-11');
  const [vdi] = disksOf(api, vm);
  if (vdi === undefined) throw new Error('the VM has no disk');
  await writeDisk(api, vdi, 0, content);
  session = api.sessions.create({ userName: 'root', superuser: true, host: api.localHost }).ref;
  server = await startTestServer({
    authenticator: new HttpSessions(api),
    tasks: new HttpTaskRecords(api),
    endpoints: vmFileEndpoints(api),
  });
});
afterEach(async () => {
  await server.stop();
  await pool.close();
});

function url(path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${server.httpUrl}${path}?${new URLSearchParams({ session_id: session, ...query })}`;
}

async function get(path: string, query: Readonly<Record<string, string>>): Promise<http.IncomingMessage & { body: Buffer }> {
  const request = http.get(url(path, query));
  const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
  return Object.assign(reply, { body: await buffer(reply) });
}

async function put(
  path: string,
  query: Readonly<Record<string, string>>,
  body: Buffer,
  headers: http.OutgoingHttpHeaders = { 'Content-Length': body.length },
): Promise<http.IncomingMessage> {
  const request = http.request(url(path, query), { method: 'PUT', headers });
  request.on('error', () => undefined);
  request.end(body);
  const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
  await buffer(reply).catch(() => undefined);
  return reply;
}

function newTask(): Promise<Ref<'task'>> {
  return call('task.create', 'test', '');
}

async function ended(task: Ref<'task'>): Promise<Fields<'task'>> {
  while (pool.db.get('task', task).status === 'pending') await new Promise((done) => setTimeout(done, 5));
  return pool.db.get('task', task);
}

/** Sends a file and gives the one VM that the result of its task names. */
async function sent(file: Buffer, query: Readonly<Record<string, string>> = {}, path = '/import'): Promise<Ref<'VM'>> {
  const task = await newTask();
  await put(path, { task_id: task, ...query }, file);
  const { status, result, error_info } = await ended(task);
  expect([status, ...error_info]).toEqual(['success']);
  const [, ref] = /^<value><array><data><value>(OpaqueRef:[^<]+)<\/value><\/data><\/array><\/value>$/.exec(result) ?? [];
  expect(ref, result).toBeDefined();
  return ref as Ref<'VM'>;
}

async function diskOf(copy: Ref<'VM'>): Promise<Buffer> {
  const [vdi] = disksOf(pool.api, copy);
  return readDisk(pool.api, vdi ?? ('' as Ref<'VDI'>), 0, SIZE);
}

/** XXH64, written from its description with another kind of numbers than the code that is used. */
function xxh64(data: Buffer): string {
  const [P1, P2, P3, P4, P5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const wrap = (n: bigint) => BigInt.asUintN(64, n);
  const turn = (n: bigint, by: bigint) => wrap((n << by) | (n >> (64n - by)));
  const round = (sum: bigint, input: bigint) => wrap(turn(wrap(sum + input * P2), 31n) * P1);
  let at = 0;
  let hash: bigint = P5;
  if (data.length >= 32) {
    let [a, b, c, d]: [bigint, bigint, bigint, bigint] = [wrap(P1 + P2), P2, 0n, wrap(-P1)];
    for (; at + 32 <= data.length; at += 32) {
      a = round(a, data.readBigUInt64LE(at));
      b = round(b, data.readBigUInt64LE(at + 8));
      c = round(c, data.readBigUInt64LE(at + 16));
      d = round(d, data.readBigUInt64LE(at + 24));
    }
    hash = wrap(turn(a, 1n) + turn(b, 7n) + turn(c, 12n) + turn(d, 18n));
    for (const sum of [a, b, c, d]) hash = wrap((hash ^ round(0n, sum)) * P1 + P4);
  }
  hash = wrap(hash + BigInt(data.length));
  for (; at + 8 <= data.length; at += 8) hash = wrap(turn(hash ^ round(0n, data.readBigUInt64LE(at)), 27n) * P1 + P4);
  for (; at + 4 <= data.length; at += 4) hash = wrap(turn(hash ^ wrap(BigInt(data.readUInt32LE(at)) * P1), 23n) * P2 + P3);
  for (; at < data.length; at++) hash = wrap(turn(hash ^ wrap(BigInt(data[at] ?? 0) * P5), 11n) * P1);
  hash = wrap((hash ^ (hash >> 33n)) * P2);
  hash = wrap((hash ^ (hash >> 29n)) * P3);
  return (hash ^ (hash >> 32n)).toString(16).toUpperCase().padStart(16, '0');
}

describe('GET /export', () => {
  it('sends a tar file that others can read, with checksums that others work out the same', async () => {
    const reply = await get('/export/', { uuid: pool.db.get('VM', vm).uuid });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="export.xva"',
      'task-id': expect.stringMatching(/^OpaqueRef:/),
    });
    const listed = execFileSync('tar', ['-tf', '-'], { input: reply.body, encoding: 'utf8' }).trim().split('\n');
    const files = await filesOf(reply.body);
    expect(listed).toEqual([...files.keys()]);
    const pieces = listed.filter((name) => /\/\d{8}$/.test(name));
    expect(pieces).toHaveLength(3);
    for (const name of pieces) expect(files.get(`${name}.xxhash`)?.toString()).toBe(xxh64(files.get(name) ?? Buffer.alloc(0)));
    expect(Buffer.concat(pieces.map((name) => files.get(name) ?? Buffer.alloc(0))).equals(content)).toBe(true);
    expect(reply.body.subarray(-1024).equals(Buffer.alloc(1024)) && reply.body.length % 512 === 0).toBe(true);
    // The task was the request's own.
    expect(pool.db.exists('task', String(reply.headers['task-id']))).toBe(false);
  });

  it('ends with the connection for who speaks HTTP/1.0', async () => {
    const client = server.client();
    client.send(
      `GET ${new URL(url('/export', { ref: vm })).pathname}${new URL(url('/export', { ref: vm })).search} HTTP/1.0\r\n\r\n`,
    );
    await once(client.socket, 'end');
    client.socket.destroy();
    const bytes = client.bytes;
    const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n')).toString('latin1').toLowerCase();
    expect(head).toMatch(/^http\/1\.\d 200 /);
    expect(head).not.toMatch(/content-length|transfer-encoding/);
    const files = await filesOf(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
    expect(files.size).toBe(7);
  });

  it.each(['true', 'gzip', 'zstd'])('compresses with use_compression=%s, and takes the file back', async (use_compression) => {
    const { body } = await get('/export', { ref: vm, use_compression });
    if (use_compression === 'zstd') expect(body.subarray(0, 4).toString('hex')).toBe('28b52ffd');
    else expect((await filesOf(gunzipSync(body))).size).toBe(7);
    expect((await diskOf(await sent(body))).equals(content)).toBe(true);
    for (const cut of [body.length - 1000, Math.floor(body.length / 2), 3000]) {
      const task = await newTask();
      const before = pool.db.table('VDI').rows.size;
      await put('/import', { task_id: task }, body.subarray(0, cut));
      expect((await ended(task)).error_info, `${cut} of ${body.length}`).toEqual(['IMPORT_ERROR_PREMATURE_EOF']);
      expect(pool.db.table('VDI').rows.size).toBe(before);
    }
  });

  it('tells the task of a client that has gone, and lets go of the VM', async () => {
    const task = await newTask();
    const request = http.get(url('/export', { ref: vm, task_id: task }));
    const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(reply, 'data');
    reply.destroy();
    expect((await ended(task)).error_info).toEqual(['CLIENT_ERROR']);
    expect(pool.db.get('VM', vm).current_operations.size).toBe(0);
    expect(pool.db.get('VDI', disksOf(pool.api, vm)[0] ?? '').current_operations.size).toBe(0);
  });

  it('stops when its task is cancelled', async () => {
    const task = await newTask();
    const request = http.get(url('/export', { ref: vm, task_id: task }));
    const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
    reply.on('error', () => undefined);
    await call('task.cancel', task);
    reply.resume();
    expect((await ended(task)).status).toBe('cancelled');
  });

  it('refuses what cannot be exported before it says anything', async () => {
    await call('VM.start', vm, false, false);
    const task = await newTask();
    expect((await get('/export', { ref: vm, task_id: task })).statusCode).toBe(500);
    expect((await ended(task)).error_info[0]).toBe('VM_BAD_POWER_STATE');
    expect((await get('/export', { ref: 'OpaqueRef:none' })).statusCode).toBe(500);
    expect((await get('/export', {})).statusCode).toBe(400);
    expect((await get('/export', { ref: vm, session_id: 'OpaqueRef:none' })).statusCode).toBe(401);
  });
});

describe('PUT /import', () => {
  let file: Buffer;
  beforeEach(async () => {
    file = (await get('/export', { ref: vm })).body;
  });

  it('takes a file into the default SR or the one that is named', async () => {
    expect((await diskOf(await sent(file))).equals(content)).toBe(true);
    const [local] = pool.db.filter('SR', ({ name_label }) => name_label === 'Local storage');
    const copy = await sent(file, { sr_uuid: local?.[1].uuid ?? '' });
    expect(pool.db.get('VDI', disksOf(pool.api, copy)[0] ?? '').SR).toBe(local?.[0]);
  });

  it('answers before it reads, and reads up to the end of the connection', async () => {
    const task = await newTask();
    const client = RawClient.to(server.httpUrl);
    const { pathname, search } = new URL(url('/import', { task_id: task }));
    client.send(`PUT ${pathname}${search} HTTP/1.0\r\n\r\n`);
    await client.until((bytes) => bytes.includes('\r\n\r\n'));
    expect(client.bytes.toString('latin1')).toMatch(/^HTTP\/1\.\d 200 /);
    client.send(file);
    client.socket.end();
    expect(await ended(task)).toMatchObject({ status: 'success', error_info: [] });
  });

  it('reads up to the end of the file from a client that says it sends chunks, does not, and waits for the reply', async () => {
    const task = await newTask();
    const client = RawClient.to(server.httpUrl);
    const { pathname, search } = new URL(url('/import', { task_id: task }));
    const head = [
      'User-Agent: put.py/1.0',
      'Connection: keep-alive',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Host: h',
    ];
    client.send(`PUT ${pathname}${search} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
    client.send(file);
    expect((await ended(task)).status).toBe('success');
    await client.until((bytes) => bytes.includes('HTTP/1.1 200 OK'));
    client.socket.destroy();
  });

  it('takes more than the end of the file, and a length that is not kept', async () => {
    expect((await diskOf(await sent(Buffer.concat([file, Buffer.alloc(9000)])))).equals(content)).toBe(true);
    const task = await newTask();
    const request = http.request(url('/import', { task_id: task }), { method: 'PUT', headers: { 'Content-Length': 2 ** 50 } });
    request.on('error', () => undefined);
    request.write(file);
    await once(request, 'response');
    expect((await ended(task)).status).toBe('success');
    request.destroy();
  });

  it('answers the probe of a client that asks first', async () => {
    const before = pool.db.table('task').rows.size;
    expect((await put('/import/', {}, Buffer.alloc(0))).statusCode).toBe(200);
    expect(pool.db.table('task').rows.size).toBe(before);
  });

  it('refuses a body in chunks', async () => {
    const task = await newTask();
    const reply = await put('/import', { task_id: task }, file, { 'Transfer-Encoding': 'chunked' });
    expect(reply.statusCode).toBe(403);
    expect((await ended(task)).error_info).toEqual(['IMPORT_ERROR_CANNOT_HANDLE_CHUNKED']);
  });

  it('refuses SRs that take no disks', async () => {
    const [iso] = pool.db.filter('SR', ({ content_type }) => content_type === 'iso');
    const task = await newTask();
    expect((await put('/import', { task_id: task, sr_id: iso?.[0] ?? '' }, file)).statusCode).toBe(400);
    expect((await ended(task)).error_info[0]).toBe('SR_OPERATION_NOT_SUPPORTED');
  });

  it('does not wait for a client that sends nothing once its task is cancelled', async () => {
    const vms = pool.db.table('VM').rows.size;
    const task = await newTask();
    const request = http.request(url('/import', { task_id: task }), {
      method: 'PUT',
      headers: { 'Content-Length': file.length },
    });
    request.write(file.subarray(0, 2 * MIB));
    const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
    while (pool.db.table('VM').rows.size === vms) await new Promise((done) => setTimeout(done, 5));
    await call('task.cancel', task);
    expect((await ended(task)).status).toBe('cancelled');
    expect(pool.db.table('VM').rows.size).toBe(vms);
    // Who sends on finds the end of the reply, and no broken connection.
    request.end(file.subarray(2 * MIB));
    expect(await buffer(reply)).toHaveLength(0);
  });

  it('leaves nothing when the client goes', async () => {
    const before = [pool.db.table('VM').rows.size, pool.db.table('VDI').rows.size];
    const task = await newTask();
    const request = http.request(url('/import', { task_id: task }), {
      method: 'PUT',
      headers: { 'Content-Length': file.length },
    });
    request.on('error', () => undefined);
    request.write(file.subarray(0, 2 * MIB));
    await once(request, 'response');
    while (pool.db.table('VM').rows.size === before[0]) await new Promise((done) => setTimeout(done, 5));
    request.destroy();
    expect((await ended(task)).error_info).toEqual(['IMPORT_ERROR_PREMATURE_EOF']);
    expect([pool.db.table('VM').rows.size, pool.db.table('VDI').rows.size]).toEqual(before);
  });
});

describe('metadata', () => {
  it('goes out with snapshots and comes back with the disks that are there', async () => {
    await call('VM.snapshot', vm, 'then');
    const reply = await get('/export_metadata', { ref: vm });
    expect(reply.headers['content-length']).toBe(String(reply.body.length));
    expect([...(await filesOf(reply.body)).keys()]).toEqual(['ova.xml']);
    const copy = await sent(reply.body, {}, '/import_metadata');
    expect(disksOf(pool.api, copy)).toEqual(disksOf(pool.api, vm));
    const snapshots = pool.db.get('VM', copy).snapshots;
    expect(snapshots.map((ref) => pool.db.get('VM', ref).name_label)).toEqual(['then']);
    expect(pool.db.get('VM', copy).parent).toBe(snapshots[0]);
  });

  it('leaves nothing of a trial', async () => {
    const { body } = await get('/export_metadata', { ref: vm });
    const before = pool.db.table('VM').rows.size;
    const task = await newTask();
    await put('/import_metadata', { task_id: task, dry_run: 'true' }, body);
    expect(await ended(task)).toMatchObject({ status: 'success', result: '<value><array><data></data></array></value>' });
    expect(pool.db.table('VM').rows.size).toBe(before);
  });

  it('takes other disks by a map, and by force none', async () => {
    const { body } = await get('/export_metadata', { ref: vm });
    const [vdi] = disksOf(pool.api, vm);
    const { uuid, SR, location } = pool.db.get('VDI', vdi ?? '');
    const other = await call<Ref<'VDI'>>('VDI.copy', vdi, SR, 'OpaqueRef:NULL', 'OpaqueRef:NULL');
    pool.db.set('VDI', vdi ?? '', { location: 'elsewhere' });
    const task = await newTask();
    await put('/import_metadata', { task_id: task }, body);
    expect((await ended(task)).error_info).toEqual(['VDI_LOCATION_MISSING', SR, location]);
    const mapped = await sent(body, { [`vdi:${uuid}`]: pool.db.get('VDI', other).uuid }, '/import_metadata');
    expect(disksOf(pool.api, mapped)).toEqual([other]);
    expect(disksOf(pool.api, await sent(body, { force: 'true' }, '/import_metadata'))).toEqual([]);
  });

  it('is made of every VM of the users, without devices that nobody wants', async () => {
    const { body } = await get('/export_metadata', { all: 'true', include_dom0: 'false', excluded_device_types: 'VIF,vbd' });
    const text = (await filesOf(body)).get('ova.xml')?.toString() ?? '';
    expect(text.match(/<name>class<\/name><value>[^<]*/g)?.map((found) => found.replace(/.*>/, ''))).toEqual([
      'VM',
      'VM_metrics',
    ]);
    expect((await get('/export_metadata', { ref: vm, excluded_device_types: 'cpu' })).statusCode).toBe(400);
  });
});
