import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageForVdi } from '../../api/storage/placement.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../api/testing/pool-fixture.js';
import { superuserCaller } from '../../api/testing/superuser-caller.js';
import { disksOf, filesOf, readDisk, writeDisk } from '../../api/vm-files/testing/vm-files.js';
import { HttpSessions, HttpTaskRecords } from '../../daemon/http-sessions.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { chunkedFile } from '../../wire/disk/chunked.js';
import { qcow2Stream } from '../../wire/disk/qcow2/qcow2-stream.js';
import { applied, bytesOf, MemorySpool, sourceOf } from '../../wire/disk/testing/disks.js';
import { vhdFile } from '../../wire/disk/vhd/vhd-file.js';
import { vhdStream } from '../../wire/disk/vhd/vhd-stream.js';
import { RawClient, startTestServer, type TestServer } from '../test-support.js';
import { rawDiskEndpoints } from './raw-disks.js';

const MIB = 2 ** 20;
const SIZE = 6 * MIB;
const NULL = 'OpaqueRef:NULL';

let pool: PoolFixture;
let server: TestServer;
let call: ReturnType<typeof superuserCaller>;
let session: string;
let vdi: Ref<'VDI'>;
let sr: Ref<'SR'>;
let content: Buffer;

beforeEach(async () => {
  pool = await poolFixture({
    vms: [vmPlan('11111111-1111-4111-8111-111111111111', { disks: [{ name: 'd', size: SIZE, sr: undefined }] })],
  });
  const { api, db } = pool;
  call = superuserCaller(api);
  [vdi = NULL as Ref<'VDI'>] = disksOf(api, pool.vm('vm-11'));
  sr = db.get('VDI', vdi).SR;
  content = Buffer.concat([randomBytes(MIB + 77), Buffer.alloc(3 * MIB), randomBytes(1000), Buffer.alloc(SIZE)]).subarray(
    0,
    SIZE,
  );
  await writeDisk(api, vdi, 0, content);
  session = api.sessions.create({ userName: 'root', superuser: true, host: api.localHost }).ref;
  server = await startTestServer({
    authenticator: new HttpSessions(api),
    tasks: new HttpTaskRecords(api),
    endpoints: rawDiskEndpoints(api),
  });
});
afterEach(async () => {
  await server.stop();
  await pool.close();
});

type Query = Readonly<Record<string, string>>;

function url(path: string, query: Query): string {
  return `${server.httpUrl}${path}?${new URLSearchParams({ session_id: session, ...query })}`;
}

async function get(query: Query): Promise<http.IncomingMessage & { body: Buffer }> {
  const request = http.get(url('/export_raw_vdi', query));
  const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
  return Object.assign(reply, { body: await buffer(reply) });
}

/** Begins an upload; what becomes of its connection does not matter. */
function upload(query: Query, headers: http.OutgoingHttpHeaders): http.ClientRequest {
  const request = http.request(url('/import_raw_vdi', query), { method: 'PUT', headers });
  request.on('error', () => undefined);
  return request;
}

async function put(
  query: Query,
  body: Buffer,
  headers: http.OutgoingHttpHeaders = { 'Content-Length': body.length },
): Promise<number> {
  const request = upload(query, headers);
  request.end(body);
  const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
  await buffer(reply).catch(() => undefined);
  return reply.statusCode ?? 0;
}

function newTask(): Promise<Ref<'task'>> {
  return call('task.create', 'test', '');
}

async function ended(task: Ref<'task'>): Promise<Fields<'task'>> {
  while (pool.db.get('task', task).status === 'pending') await new Promise((done) => setTimeout(done, 5));
  return pool.db.get('task', task);
}

/** Sends a file and gives the disk that the result of its task names. */
async function sent(query: Query, body: Buffer, headers?: http.OutgoingHttpHeaders): Promise<Ref<'VDI'>> {
  const task = await newTask();
  await put({ task_id: task, ...query }, body, headers);
  const { status, result, error_info } = await ended(task);
  expect([status, ...error_info]).toEqual(['success']);
  const [, ref] = /^<value>(OpaqueRef:[^<]+)<\/value>$/.exec(result) ?? [];
  expect(ref, result).toBeDefined();
  return ref as Ref<'VDI'>;
}

/** What the task of an upload ends with that must fail. */
async function refusal(query: Query, body: Buffer, headers?: http.OutgoingHttpHeaders): Promise<readonly string[]> {
  const task = await newTask();
  await put({ task_id: task, ...query }, body, headers);
  const { status, error_info } = await ended(task);
  expect(status).toBe('failure');
  return error_info;
}

async function newVdi(virtual_size = SIZE, more: object = {}): Promise<Ref<'VDI'>> {
  const record = {
    SR: sr,
    virtual_size,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: new Map(),
    name_label: 'n',
  };
  return call('VDI.create', { ...record, ...more });
}

const whole = (ref: Ref<'VDI'>): Promise<Buffer> => readDisk(pool.api, ref, 0, pool.db.get('VDI', ref).virtual_size);
const isFree = (ref: Ref<'VDI'>): boolean => pool.db.get('VDI', ref).current_operations.size === 0;

describe('GET /export_raw_vdi', () => {
  it.each([
    ['raw', 'application/octet-stream', async (body: Buffer) => body],
    ['vhd', 'application/vhd', async (body: Buffer) => applied(await vhdStream(sourceOf(body), undefined), SIZE)],
    [
      'qcow2',
      'application/x-qemu-disk',
      async (body: Buffer) => applied(await qcow2Stream(sourceOf(body), new MemorySpool()), SIZE),
    ],
  ] as const)('sends a disk as %s', async (format, type, decode) => {
    const reply = await get({ vdi: pool.db.get('VDI', vdi).uuid, format });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': type,
      'content-length': String(reply.body.length),
      'content-disposition': `attachment; filename="${pool.db.get('VDI', vdi).uuid}.${format}"`,
    });
    expect((await decode(reply.body)).equals(content)).toBe(true);
    expect(isFree(vdi)).toBe(true);
  });

  it('sends raw bytes where no format is named, and pieces in a tar file', async () => {
    expect((await get({ vdi })).body.equals(content)).toBe(true);
    const reply = await get({ vdi, format: 'tar' });
    expect(reply.headers['content-type']).toBe('application/x-tar');
    const files = await filesOf(reply.body);
    // The first and the last piece, and those that hold anything.
    expect([...files.keys()].filter((name) => /^vdi\/\d{8}$/.test(name))).toEqual(
      [0, 1, 4, 5].map((number) => `vdi/0000000${number}`),
    );
    expect(files.get('vdi/00000001')?.equals(content.subarray(MIB, 2 * MIB))).toBe(true);
  });

  it('leaves out what is empty where the form can say so', async () => {
    const { body } = await get({ vdi, chunked: 'true' });
    expect(body.length).toBeLessThan(2 * MIB);
    expect(body.length).toBeGreaterThan(MIB);
  });

  it('ends with the connection for who speaks HTTP/1.0', async () => {
    const client = server.client();
    client.send(`GET /export_raw_vdi?${new URLSearchParams({ session_id: session, vdi })} HTTP/1.0\r\n\r\n`);
    await once(client.socket, 'end');
    client.socket.destroy();
    const start = client.bytes.indexOf('\r\n\r\n') + 4;
    expect(client.bytes.subarray(0, start).toString('latin1').toLowerCase()).not.toContain('transfer-encoding');
    expect(client.bytes.subarray(start).equals(content)).toBe(true);
  });

  it('sends what differs from a snapshot, which makes the disk again out of that', async () => {
    const snapshot = await call<Ref<'VDI'>>('VDI.snapshot', vdi);
    const copy = await call<Ref<'VDI'>>('VDI.clone', snapshot);
    await writeDisk(pool.api, vdi, 2 * MIB + 100, Buffer.alloc(5000, 3));
    await writeDisk(pool.api, vdi, 0, Buffer.alloc(65_536));
    const { body } = await get({ vdi, format: 'vhd', base: snapshot });
    expect(body.includes(`${pool.db.get('VDI', snapshot).uuid}.vhd`)).toBe(true);
    expect(await sent({ vdi: copy, format: 'vhd' }, body)).toBe(copy);
    expect((await whole(copy)).equals(await whole(vdi))).toBe(true);
    expect((await get({ vdi: snapshot, format: 'vhd', base: snapshot })).body.length).toBeLessThan(10_000);
  });

  it('compares disks that have nothing to do with each other', async () => {
    const [local] = pool.db.filter('SR', ({ name_label }) => name_label === 'Local storage');
    const other = await newVdi(SIZE, { SR: local?.[0] });
    await writeDisk(pool.api, other, 3 * MIB, Buffer.alloc(1000, 5));
    const { body } = await get({ vdi, format: 'vhd', base: other });
    expect(await sent({ vdi: other, format: 'vhd' }, body)).toBe(other);
    expect((await whole(other)).equals(content)).toBe(true);
  });

  it('refuses what it cannot do before it sends anything', async () => {
    expect((await get({ vdi, format: 'vdi' })).statusCode).toBe(404);
    expect((await get({})).statusCode).toBe(400);
    expect((await get({ vdi, base: vdi })).statusCode).toBe(400);
    expect((await get({ vdi: 'OpaqueRef:none' })).statusCode).toBe(500);
    expect((await get({ vdi, session_id: 'OpaqueRef:none' })).statusCode).toBe(401);
    const task = await newTask();
    const large = await newVdi(2040 * 2 ** 30 + MIB);
    expect((await get({ vdi: large, format: 'vhd', task_id: task })).statusCode).toBe(500);
    expect((await ended(task)).error_info).toEqual(['VDI_TOO_LARGE', large, String(2040 * 2 ** 30)]);
    await call('VM.start', pool.vm('vm-11'), false, false);
    const other = await newTask();
    await get({ vdi, task_id: other });
    expect((await ended(other)).error_info[0]).toBe('VDI_IN_USE');
  });

  it('lets go of the disk when the client goes, and when the task is cancelled', async () => {
    for (const end of ['gone', 'cancelled']) {
      const task = await newTask();
      const large = await newVdi(2 ** 33);
      const request = http.get(url('/export_raw_vdi', { vdi: large, task_id: task }));
      const [reply] = (await once(request, 'response')) as [http.IncomingMessage];
      reply.on('error', () => undefined);
      await once(reply, 'data');
      if (end === 'gone') reply.destroy();
      else {
        await call('task.cancel', task);
        reply.resume();
      }
      const { status, error_info } = await ended(task);
      expect([status, ...error_info]).toEqual(
        end === 'gone' ? ['failure', 'CLIENT_ERROR'] : ['cancelled', 'TASK_CANCELLED', task],
      );
      expect(isFree(large)).toBe(true);
    }
  });
});

describe('PUT /import_raw_vdi', () => {
  it.each(['raw', 'vhd', 'qcow2', 'tar'])('takes %s into a disk that has something else, and into a new one', async (format) => {
    const { body } = await get({ vdi, format });
    const other = await newVdi();
    await writeDisk(pool.api, other, 0, Buffer.alloc(SIZE, 9));
    expect(await sent({ vdi: other, format }, body)).toBe(other);
    expect((await whole(other)).equals(content)).toBe(true);
    const made = await sent({ sr_id: sr, format, name_label: 'made', virtual_size: String(SIZE) }, body);
    expect(pool.db.get('VDI', made)).toMatchObject({ name_label: 'made', virtual_size: SIZE, SR: sr });
    expect((await whole(made)).equals(content)).toBe(true);
    expect(pool.db.get('VDI', made).physical_utilisation).toBeLessThan(2 * MIB);
    expect([isFree(other), isFree(made)]).toEqual([true, true]);
  });

  it('makes a disk as large as the upload says where nobody else does', async () => {
    for (const format of ['raw', 'vhd', 'qcow2']) {
      const made = await sent({ sr_uuid: pool.db.get('SR', sr).uuid, format }, (await get({ vdi, format })).body);
      expect(pool.db.get('VDI', made).virtual_size).toBe(SIZE);
    }
    expect(await put({ sr_id: sr, format: 'tar' }, Buffer.alloc(10))).toBe(400);
    expect(await put({ sr_id: sr, chunked: 'true' }, Buffer.alloc(10))).toBe(400);
  });

  it('answers before it reads, and reads up to the end of the connection', async () => {
    const task = await newTask();
    const other = await newVdi();
    const client = RawClient.to(server.httpUrl);
    client.send(
      `PUT /import_raw_vdi?${new URLSearchParams({ session_id: session, vdi: other, task_id: task })} HTTP/1.0\r\n\r\n`,
    );
    await client.until((bytes) => bytes.includes('\r\n\r\n'));
    expect(client.bytes.toString('latin1')).toMatch(/^HTTP\/1\.\d 200 /);
    client.send(content.subarray(0, 2 * MIB));
    client.socket.end();
    expect(await ended(task)).toMatchObject({ status: 'success', error_info: [] });
    expect((await whole(other)).equals(content)).toBe(false);
    expect((await whole(other)).subarray(0, 2 * MIB).equals(content.subarray(0, 2 * MIB))).toBe(true);
  });

  it('takes a body in chunks, and records of parts of the disk, later ones over earlier ones', async () => {
    const other = await newVdi();
    await sent({ vdi: other }, content, { 'Transfer-Encoding': 'chunked' });
    expect((await whole(other)).equals(content)).toBe(true);
    const blank = await newVdi();
    const records = [Buffer.alloc(SIZE, 1), Buffer.alloc(SIZE)].map((bytes) =>
      bytesOf(chunkedFile({ size: SIZE, extents: [{ offset: MIB, length: MIB }] }), bytes).subarray(0, -12),
    );
    await sent({ vdi: blank, chunked: '' }, Buffer.concat([...records, Buffer.alloc(12)]));
    expect((await whole(blank)).equals(Buffer.alloc(SIZE))).toBe(true);
  });

  it('writes raw bytes that do not fill the disk over what is there', async () => {
    await sent({ vdi }, Buffer.alloc(1000, 7));
    expect((await whole(vdi)).equals(Buffer.concat([Buffer.alloc(1000, 7), content.subarray(1000)]))).toBe(true);
  });

  it('keeps what was there when an image breaks off or makes no sense, and leaves no new disk', async () => {
    const disks = pool.db.table('VDI').rows.size;
    for (const format of ['vhd', 'qcow2', 'tar']) {
      const { body } = await get({ vdi, format });
      const half = body.subarray(0, Math.floor(body.length / 2));
      expect(await refusal({ vdi, format }, half)).toEqual(['IMPORT_ERROR_PREMATURE_EOF']);
      expect((await refusal({ vdi, format }, Buffer.alloc(MIB, 5)))[0]).toBe('IMPORT_ERROR');
      expect((await whole(vdi)).equals(content)).toBe(true);
      expect(await refusal({ sr_id: sr, format, virtual_size: String(SIZE) }, half)).toEqual(['IMPORT_ERROR_PREMATURE_EOF']);
      expect(pool.db.table('VDI').rows.size).toBe(disks);
      expect((await storageForVdi(pool.api, vdi).scan(pool.db.get('SR', sr).uuid)).length).toBe(1);
    }
    expect(isFree(vdi)).toBe(true);
  });

  it('refuses what does not fit', async () => {
    const small = await newVdi(MIB);
    expect(await refusal({ vdi: small }, content)).toEqual(['VDI_TOO_SMALL', small, String(SIZE)]);
    for (const format of ['vhd', 'qcow2'])
      expect(await refusal({ vdi: small, format }, (await get({ vdi, format })).body)).toEqual([
        'VDI_TOO_SMALL',
        small,
        String(SIZE),
      ]);
    const tooMuch = await refusal({ vdi: small }, content, { 'Transfer-Encoding': 'chunked' });
    expect(tooMuch.slice(0, 2)).toEqual(['VDI_TOO_SMALL', small]);
    expect((await whole(small)).equals(Buffer.alloc(MIB))).toBe(true);
    const differences = bytesOf(
      vhdFile({
        size: SIZE,
        extents: [],
        uuid: pool.db.get('VDI', vdi).uuid,
        base: pool.db.get('SR', sr).uuid,
        time: new Date(),
      }),
      content,
    );
    expect((await refusal({ sr_id: sr, format: 'vhd' }, differences))[0]).toBe('IMPORT_ERROR');
  });

  it('refuses what it cannot do before it takes anything', async () => {
    expect(await put({ vdi, format: 'floppy' }, content)).toBe(404);
    expect(await put({}, content)).toBe(400);
    expect(await put({ vdi: 'OpaqueRef:none' }, content)).toBe(500);
    const readOnly = await newVdi(SIZE, { read_only: true });
    expect(await refusal({ vdi: readOnly }, content)).toEqual(['VDI_READONLY', readOnly]);
    await call('VM.start', pool.vm('vm-11'), false, false);
    expect((await refusal({ vdi }, content))[0]).toBe('VDI_IN_USE');
    const [iso] = pool.db.filter('SR', ({ content_type }) => content_type === 'iso');
    expect((await refusal({ sr_id: iso?.[0] ?? '' }, content))[0]).toBe('SR_OPERATION_NOT_SUPPORTED');
  });

  it('answers the probe of a client that asks first', async () => {
    const before = pool.db.table('task').rows.size;
    expect(await put({ vdi }, Buffer.alloc(0))).toBe(200);
    expect(pool.db.table('task').rows.size).toBe(before);
    expect((await whole(vdi)).equals(content)).toBe(true);
  });

  it.each([
    ['goes', 'that was there'],
    ['goes', 'that is new'],
    ['says nothing and the task is cancelled', 'that was there'],
    ['says nothing and the task is cancelled', 'that is new'],
  ])('is undone when the client %s, for a disk %s', async (end, into) => {
    const disks = pool.db.table('VDI').rows.size;
    const task = await newTask();
    const where = into === 'that is new' ? { sr_id: sr } : { vdi };
    const request = upload({ ...where, task_id: task }, { 'Content-Length': SIZE });
    request.write(Buffer.alloc(2 * MIB, 4));
    await once(request, 'response');
    await expect.poll(() => !isFree(vdi) || pool.db.table('VDI').rows.size > disks).toBe(true);
    if (end === 'goes') request.destroy();
    else await call('task.cancel', task);
    const { status, error_info } = await ended(task);
    expect([status, ...error_info]).toEqual(
      end === 'goes' ? ['failure', 'IMPORT_ERROR_PREMATURE_EOF'] : ['cancelled', 'TASK_CANCELLED', task],
    );
    request.destroy();
    expect((await whole(vdi)).equals(content)).toBe(true);
    expect(pool.db.table('VDI').rows.size).toBe(disks);
    expect(isFree(vdi)).toBe(true);
  });
});
