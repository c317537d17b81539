import { DomainCreateFlags, DomainEventLifecycle, type DomainRef } from 'node-libvirt';
import { v4 as newUuid } from 'uuid';
import type { Session } from '../connection/session.js';
import { attribute, children, parseXml, render, tag } from '../domain-xml/xml.js';
import type { LibvirtOptions } from '../options.js';

/** Milliseconds in which a machine without disks gets through its firmware: it takes less than a second where KVM works. */
const PROBE_LIMIT = 10_000;
const PROBE_MEMORY_MIB = 32;

/** Which type new domains have. `auto`: kvm where libvirt offers it and a guest truly runs with it. */
export async function chooseDomainType(
  session: Session,
  asked: LibvirtOptions['domainType'],
  warn: (error: unknown, message: string) => void,
): Promise<'kvm' | 'qemu'> {
  if (asked !== 'auto') return asked;
  const { capabilities } = await session.call('CONNECT_GET_CAPABILITIES', {});
  if (!offersKvm(capabilities)) return 'qemu';
  try {
    if (await runsGuests(session, 'kvm')) return 'kvm';
    warn(new Error(`a guest got nowhere in ${PROBE_LIMIT} ms`), 'KVM is there but does not work: guests are emulated');
  } catch (thrown) {
    warn(thrown, 'KVM is there but does not work: guests are emulated');
  }
  return 'qemu';
}

/** Whether a host's capabilities name KVM for 64-bit guests. */
export function offersKvm(capabilities: string): boolean {
  return children(parseXml(capabilities), 'guest').some((guest) =>
    children(guest, 'arch').some(
      (arch) =>
        attribute(arch, 'name') === 'x86_64' && children(arch, 'domain').some((domain) => attribute(domain, 'type') === 'kvm'),
    ),
  );
}

/**
 * Whether a guest runs with a type of domain. Machines exist where KVM can be opened but its guests stand still. The trial is a
 * machine with nothing to boot: its firmware finds that out and resets it, which ends it.
 */
export async function runsGuests(session: Session, type: 'kvm' | 'qemu', limit = PROBE_LIMIT): Promise<boolean> {
  const uuid = newUuid();
  let dom: DomainRef | undefined;
  const off: (() => void)[] = [];
  try {
    const ended = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      off.push(() => clearTimeout(timer));
      off.push(
        session.onDomainEvent('LIFECYCLE', (told) => {
          if (told.dom.uuid === uuid && told.event === DomainEventLifecycle.STOPPED) resolve(true);
        }),
      );
    });
    const flags = DomainCreateFlags.AUTODESTROY;
    ({ dom } = await session.call('DOMAIN_CREATE_XML', { xml_desc: probeXml(uuid, type), flags }));
    const runs = await ended;
    if (runs) dom = undefined;
    return runs;
  } finally {
    for (const each of off) each();
    // It may have ended this very moment.
    if (dom) await session.call('DOMAIN_DESTROY_FLAGS', { dom, flags: 0 }).catch(() => undefined);
  }
}

function probeXml(uuid: string, type: 'kvm' | 'qemu'): string {
  return render(
    tag(
      'domain',
      { type },
      tag('name', {}, `xenapi-gateway-probe-${uuid}`),
      tag('uuid', {}, uuid),
      tag('memory', { unit: 'MiB' }, String(PROBE_MEMORY_MIB)),
      tag('vcpu', {}, '1'),
      tag('os', {}, tag('type', { arch: 'x86_64', machine: 'q35' }, 'hvm'), tag('bios', { rebootTimeout: 0 })),
      tag('features', {}, tag('acpi')),
      tag('on_reboot', {}, 'destroy'),
      tag('devices', {}, tag('controller', { type: 'usb', model: 'none' }), tag('memballoon', { model: 'none' })),
    ),
  );
}
