import { setTimeout as pass } from 'node:timers/promises';
import { DomainEventLifecycle, LibvirtClosed } from 'node-libvirt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { eventually } from '../../contract/watch.js';
import { KeptSession } from './kept-session.js';

describe('a session kept with libvirtd', () => {
  let host: LabHost;
  let session: KeptSession | undefined;
  beforeAll(async () => {
    host = await startHost();
  });
  afterEach(() => session?.close());
  afterAll(() => host.close());

  const open = async (): Promise<KeptSession> => {
    session = await KeptSession.open({ uri: host.uri, host: () => 'uuid-of-host', warn: () => undefined });
    return session;
  };
  const define = async (kept: KeptSession, name: string): Promise<void> => {
    const xml = `<domain type='qemu'><name>${name}</name><memory>32768</memory><os><type>hvm</type></os></domain>`;
    const { dom } = await kept.call('DOMAIN_DEFINE_XML_FLAGS', { xml, flags: 0 });
    await kept.call('DOMAIN_UNDEFINE_FLAGS', { dom, flags: 0 });
  };
  const eventsOf = (kept: KeptSession): string[] => {
    const events: string[] = [];
    kept.onDomainEvent('LIFECYCLE', ({ dom, event }) => {
      if (event === DomainEventLifecycle.DEFINED) events.push(dom.name);
    });
    return events;
  };
  const read = (kept: KeptSession) => kept.read('CONNECT_GET_HOSTNAME', {});

  it('calls, reads and hears events', async () => {
    const kept = await open();
    const events = eventsOf(kept);
    const other: string[] = [];
    const off = kept.onDomainEvent('LIFECYCLE', ({ dom }) => other.push(dom.name));
    expect((await read(kept)).hostname).toBe(host.hostname);
    await define(kept, 'one');
    await eventually(() => events.length === 1 && other.length === 2);
    off();
    await define(kept, 'two');
    await eventually(() => events.length === 2);
    expect(other).toEqual(['one', 'one']);
  });

  it('comes back when the daemon was restarted, and hears events again', async () => {
    const kept = await open();
    const events = eventsOf(kept);
    let lost = 0;
    let back = 0;
    kept.onDisconnect(() => lost++);
    kept.onReconnect(() => back++);
    await host.killLibvirtd();
    await eventually(() => !kept.connected);
    await expect(read(kept)).rejects.toMatchObject({ code: 'HOST_OFFLINE', params: ['uuid-of-host'] });
    await expect(kept.call('CONNECT_GET_HOSTNAME', {})).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    await pass(500);
    expect(back).toBe(0);
    await host.libvirtd.start();
    await eventually(() => back === 1, 15_000);
    expect(lost).toBe(1);
    await read(kept);
    await define(kept, 'again');
    await eventually(() => events.includes('again'));
  });

  it('rejects calls that are under way when the daemon goes', async () => {
    const kept = await open();
    host.hang();
    const called = kept.call('CONNECT_GET_HOSTNAME', {});
    const failed = expect(called).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    await pass(50);
    await host.killLibvirtd();
    await failed;
    await host.libvirtd.start();
    await eventually(() => kept.connected, 15_000);
  });

  it('gives up a call that takes too long, and a daemon that hangs', async () => {
    const kept = await open();
    host.hang();
    try {
      await expect(kept.read('CONNECT_GET_HOSTNAME', {}, { timeout: 100 })).rejects.toMatchObject({ name: 'LibvirtTimeout' });
      await eventually(() => !kept.connected, 40_000);
    } finally {
      host.unhang();
    }
    await eventually(() => kept.connected, 15_000);
    await read(kept);
  });

  it('does not let calls that take long hold up others', async () => {
    const kept = await open();
    const order: string[] = [];
    // One more than a daemon works on at a time for one connection.
    const starts = Array.from({ length: 6 }, async (_, i) => {
      const xml = `<domain type='qemu'><name>slow-${i}</name><memory>32768</memory><os><type>hvm</type></os></domain>`;
      const { dom } = await kept.call('DOMAIN_CREATE_XML', { xml_desc: xml, flags: 0 });
      order.push('started');
      await kept.call('DOMAIN_DESTROY_FLAGS', { dom, flags: 0 });
    });
    await Promise.all([read(kept), kept.call('CONNECT_GET_HOSTNAME', {})]);
    order.push('answered');
    await Promise.all(starts);
    expect(order[0]).toBe('answered');
  });

  it('tells at once when there is no daemon', async () => {
    const options = { uri: 'qemu:///system?socket=/nowhere/libvirt-sock', warn: () => undefined };
    await expect(KeptSession.open(options)).rejects.toBeInstanceOf(LibvirtClosed);
  });
});
