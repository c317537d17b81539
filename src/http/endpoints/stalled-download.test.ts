import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { storageForVdi } from '../../api/storage/placement.js';
import { type PoolFixture, poolFixture } from '../../api/testing/pool-fixture.js';
import { superuserCaller } from '../../api/testing/superuser-caller.js';
import { HttpSessions, HttpTaskRecords } from '../../daemon/http-sessions.js';
import type { Ref } from '../../model/ref.js';
import { startTestServer, type TestServer } from '../test-support.js';
import { rawDiskEndpoints } from './raw-disks.js';

const MIB = 2 ** 20;

let pool: PoolFixture;
let server: TestServer;
let session: string;
beforeEach(async () => {
  pool = await poolFixture({ vms: [] });
  const { api } = pool;
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

function newDisk(virtual_size: number): Promise<Ref<'VDI'>> {
  const [sr] = pool.db.filter('SR', ({ name_label }) => name_label === 'Local storage');
  return superuserCaller(pool.api)<Ref<'VDI'>>('VDI.create', {
    SR: sr?.[0],
    virtual_size,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: new Map(),
    name_label: 'n',
  });
}

it('reads no further, with no more memory, while a client takes nothing, and stops when that goes', async () => {
  const size = 2 ** 32;
  const large = await newDisk(size);
  const memory = new Set<ArrayBufferLike>();
  const closed = vi.fn(async () => undefined);
  let read = 0;
  vi.spyOn(storageForVdi(pool.api, large), 'open').mockResolvedValueOnce({
    size,
    extents: async () => [{ offset: 0, length: size }],
    async read(_offset, length, into = Buffer.alloc(length)) {
      read += length;
      memory.add(into.buffer);
      return into.subarray(0, length);
    },
    write: () => Promise.reject(new Error('it is only read')),
    zero: () => Promise.reject(new Error('it is only read')),
    close: closed,
  });
  const client = server.client();
  client.socket.pause();
  client.send(`GET /export_raw_vdi?${new URLSearchParams({ session_id: session, vdi: large })} HTTP/1.0\r\n\r\n`);
  // What the system takes in for a socket differs; it is full when nothing is read for a while.
  for (let before = -1; before !== read || read === 0; ) {
    before = read;
    await new Promise((done) => setTimeout(done, 50));
  }
  expect(read).toBeLessThan(64 * MIB);
  expect(memory.size).toBeLessThan(10);
  expect(closed).not.toHaveBeenCalled();
  client.socket.destroy();
  await expect.poll(() => closed.mock.calls.length).toBe(1);
  expect(read).toBeLessThan(64 * MIB);
});
