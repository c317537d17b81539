import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Xapi, type XapiObject } from 'xen-api';
import { PASSWORD } from '../test-support/daemon.js';
import { testPool } from './support/pool.js';

// The connector of Xen Orchestra, from npm: it keeps a copy of the whole pool by event.from and judges by that.
const pool = testPool({ emulate: 'hosts=2,vms=3' });

/** Resolves when the client's copy of an object fits. */
async function until(
  xapi: Xapi,
  ref: string,
  fits: (object: XapiObject | undefined) => boolean,
): Promise<XapiObject | undefined> {
  for (;;) {
    const object = xapi.getObjectByRef(ref, undefined);
    if (fits(object)) return object;
    await sleep(20);
  }
}

for (const transport of ['json-rpc', 'xml-rpc'] as const) {
  describe(`over ${transport}`, () => {
    let xapi: Xapi;

    beforeEach(async () => {
      xapi = createClient({ url: pool.daemon.http, auth: { user: 'root', password: PASSWORD }, transport, debounce: 20 });
      await xapi.connect();
      await xapi.objectsFetched;
    });
    afterEach(() => xapi.disconnect());

    it('fills its cache with the pool and resolves references in it', async () => {
      expect(xapi.status).toBe('connected');
      const hosts = Object.values(xapi.objects.all).filter(({ $type }) => $type === 'host');
      expect(hosts).toHaveLength(2);
      expect(xapi.pool.$master).toBe(xapi.getObjectByRef(xapi.pool.master as string));
      const vm = xapi.getObjectByRef(await pool.find('VM', 'vm-1'));
      const [vbd] = vm.$VBDs as XapiObject[];
      expect(vbd?.$VM).toBe(vm);
      expect(await xapi.getAllRecords('VM')).toHaveLength(
        Object.values(xapi.objects.all).filter(({ $type }) => $type === 'VM').length,
      );
    });

    it('keeps the types of values', async () => {
      const vm = await xapi.getRecord('VM', await pool.find('VM', 'vm-1'));
      expect(vm.is_a_template).toBe(false);
      expect(Array.isArray(vm.VBDs)).toBe(true);
      expect(Number(vm.VCPUs_max)).toBe(1);
      // JSON has numbers; in XML-RPC the API writes its 64-bit integers as strings.
      expect(typeof vm.memory_static_max).toBe(transport === 'json-rpc' ? 'number' : 'string');
      expect((await xapi.getRecordByUuid('VM', vm.uuid as string)).$ref).toBe(vm.$ref);
    });

    it('hears of changes and of objects that come and go', async () => {
      const network = (await xapi.call('network.create', {
        name_label: 'watched',
        name_description: '',
        MTU: 1500,
        other_config: {},
        tags: [],
      })) as string;
      await until(xapi, network, (object) => object !== undefined);
      await xapi.setField('network', network, 'name_label', 'renamed');
      await xapi.setFieldEntry('network', network, 'other_config', 'a key', 'one');
      await xapi.setFieldEntry('network', network, 'other_config', 'a key', 'two');
      const changed = await xapi.barrier(network);
      expect(changed).toMatchObject({ name_label: 'renamed', other_config: { 'a key': 'two' } });
      await xapi.call('network.destroy', network);
      await until(xapi, network, (object) => object === undefined);
    });

    it('has seen everything up to a barrier, which cleans up after itself', async () => {
      const vm = await pool.find('VM', 'vm-2');
      for (let n = 0; n < 5; n++) {
        await pool.rpc.call('VM.set_name_description', vm, `change ${n}`);
        expect((await xapi.barrier(vm)).name_description).toBe(`change ${n}`);
      }
      await xapi.barrier();
      const left = async () =>
        Object.keys((await xapi.getField('pool', xapi.pool.$ref, 'other_config')) as object).filter((key) =>
          key.startsWith('xo:barrier:'),
        );
      await expect.poll(left).toEqual([]);
    });

    it('runs a VM through tasks and watches its power state', async () => {
      const vm = await pool.find('VM', 'vm-1');
      const seen: unknown[] = [];
      const watch = (changed: Record<string, XapiObject | undefined>) => {
        const object = changed[vm] ?? Object.values(changed).find((one) => one?.$ref === vm);
        if (object && object.power_state !== seen.at(-1)) seen.push(object.power_state);
      };
      xapi.objects.on('update', watch);
      await xapi.callAsync('VM.start', vm, false, false);
      const started = await until(xapi, vm, (object) => object?.power_state === 'Running');
      expect(started?.$resident_on).toMatchObject({ $type: 'host' });
      expect(started?.allowed_operations).toContain('hard_shutdown');
      await xapi.callAsync('VM.hard_shutdown', vm);
      await until(xapi, vm, (object) => object?.power_state === 'Halted');
      expect(seen).toEqual(['Running', 'Halted']);
      const tasks = async () =>
        Object.values(await pool.rpc.call<object>('task.get_all_records')).filter((task) =>
          /VM\.(start|hard_shutdown)/.test(task.name_label),
        );
      await expect.poll(tasks).toEqual([]);
    });

    it('gets the results of tasks, and their errors', async () => {
      const vm = await pool.find('VM', 'vm-2');
      const clone = (await xapi.callAsync('VM.clone', vm, 'a clone')) as string;
      expect(await until(xapi, clone, (object) => object !== undefined)).toMatchObject({
        name_label: 'a clone',
        power_state: 'Halted',
      });
      await expect(xapi.callAsync('VM.clean_shutdown', clone)).rejects.toMatchObject({
        code: 'VM_BAD_POWER_STATE',
        params: [clone, 'running', 'halted'],
      });
      await xapi.callAsync('VM.destroy', clone);
      await until(xapi, clone, (object) => object === undefined);
    });

    it('gets errors with their code and parameters', async () => {
      const unknown = 'OpaqueRef:00000000-0000-0000-0000-000000000000';
      await expect(xapi.call('VM.get_record', unknown)).rejects.toMatchObject({
        code: 'HANDLE_INVALID',
        params: ['VM', unknown],
      });
      await expect(xapi.call('VM.no_such_message')).rejects.toMatchObject({ code: 'MESSAGE_METHOD_UNKNOWN' });
      const wrong = createClient({
        url: pool.daemon.http,
        auth: { user: 'root', password: 'wrong' },
        transport,
        watchEvents: false,
      });
      await expect(wrong.connect()).rejects.toMatchObject({ code: 'SESSION_AUTHENTICATION_FAILED' });
    });
  });
}

it('logs in again by itself when its session is gone', async () => {
  const xapi = createClient({ url: pool.daemon.http, auth: { user: 'root', password: PASSWORD }, watchEvents: false });
  await xapi.connect();
  const first = xapi.sessionId;
  await pool.rpc.raw('session.logout', first);
  expect(await xapi.call('host.get_all')).toHaveLength(2);
  expect(xapi.sessionId).not.toBe(first);
  await xapi.disconnect();
});

it('works over TLS with a certificate that nobody vouches for', async () => {
  const { https } = pool.daemon;
  const auth = { user: 'root', password: PASSWORD };
  const xapi = createClient({ url: https, auth, allowUnauthorized: true, watchEvents: false });
  await xapi.connect();
  expect(await xapi.call('host.get_all')).toHaveLength(2);
  await xapi.disconnect();
  await expect(createClient({ url: https, auth, watchEvents: false }).connect()).rejects.toThrow(/certificate/);
});
