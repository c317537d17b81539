import type { DiskSpec } from '../../compute.js';
import { uuidOf } from './device-names.js';
import { attribute, child, children, type Element, textOf } from './xml.js';

/** A drive in a description. */
export interface DiskElement {
  readonly uuid: string;
  readonly element: Element;
  readonly kind: DiskSpec['kind'];
  readonly target: string;
  readonly bus: string;
  readonly readonly: boolean;
  /** Absolute path of the file or device with its data; undefined where there is none, or something else. */
  readonly path: string | undefined;
  /** Whether it has data, of whatever kind. */
  readonly filled: boolean;
}

/** A network card in a description. */
export interface NicElement {
  readonly uuid: string;
  readonly element: Element;
  readonly mac: string;
  readonly type: string;
  /** What its source says of a bridge, a network and a device. */
  readonly source: { readonly bridge?: string; readonly network?: string; readonly device?: string };
  readonly mtu: number;
}

/** Attributes of a source that say nothing of data: libvirt numbers the sources of a living domain, those of emptied drives too. */
const NO_DATA = ['index', 'startupPolicy'];

/** Kinds of cards that the model can express. Others are devices of the host, or belong to other programs. */
const NIC_TYPES = ['bridge', 'network', 'direct', 'user'];

/** The drives of a domain that the model can express: disks and CD drives. */
export function diskElements(domain: Element): readonly DiskElement[] {
  const uuid = domainUuid(domain);
  return children(child(domain, 'devices'), 'disk').flatMap((element) => {
    const device = attribute(element, 'device') ?? 'disk';
    if (!['disk', 'cdrom', 'lun'].includes(device)) return [];
    const target = child(element, 'target');
    const name = attribute(target, 'dev') ?? '';
    const source = child(element, 'source');
    return [
      {
        uuid: uuidOf(element, uuid, name),
        element,
        kind: device === 'cdrom' ? 'CD' : 'Disk',
        target: name,
        bus: attribute(target, 'bus') ?? '',
        readonly: child(element, 'readonly') !== undefined,
        path: pathOf(source),
        filled: source !== undefined && [...source.attributes].some(({ name }) => !NO_DATA.includes(name)),
      } as const,
    ];
  });
}

/** The network cards of a domain that the model can express. */
export function nicElements(domain: Element): readonly NicElement[] {
  const uuid = domainUuid(domain);
  return children(child(domain, 'devices'), 'interface').flatMap((element) => {
    const type = attribute(element, 'type') ?? '';
    if (!NIC_TYPES.includes(type)) return [];
    const mac = (attribute(child(element, 'mac'), 'address') ?? '').toLowerCase();
    const source = child(element, 'source');
    const [bridge, network, device] = ['bridge', 'network', 'dev'].map((name) => attribute(source, name));
    return [
      {
        uuid: uuidOf(element, uuid, mac),
        element,
        mac,
        type,
        source: { ...(bridge && { bridge }), ...(network && { network }), ...(device && { device }) },
        mtu: Number(attribute(child(element, 'mtu'), 'size') ?? 1500),
      },
    ];
  });
}

/** Names of all drives of a domain, those included that the model does not know. */
export function targetsOf(domain: Element): ReadonlySet<string> {
  const disks = children(child(domain, 'devices'), 'disk');
  return new Set(disks.flatMap((one) => attribute(child(one, 'target'), 'dev') ?? []));
}

/** The uuid of a domain. Throws Error where there is none: libvirt gives every domain one. */
export function domainUuid(domain: Element): string {
  const uuid = textOf(domain, 'uuid')?.trim();
  if (!uuid) throw new Error('the domain has no uuid');
  return uuid.toLowerCase();
}

function pathOf(source: Element | undefined): string | undefined {
  // A slice of a device is not what is at its path.
  if (!source || child(source, 'slices')) return undefined;
  const path = attribute(source, 'file') ?? attribute(source, 'dev');
  return path?.startsWith('/') ? path : undefined;
}
