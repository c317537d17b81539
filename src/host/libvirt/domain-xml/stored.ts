import { z } from 'zod';
import type { DiskSpec, NicSpec } from '../../compute.js';
import type { Settings } from './settings.js';
import type { DirectBoot } from './surroundings.js';
import { append, child, children, type Element, ensure, sameElement, tag, textOf } from './xml.js';

/** Namespace of our own data in a domain's metadata. The number changes when older readers would misread it. */
export const NAMESPACE = 'https://xenapi-gateway.org/domain/1';
const NAME = 'xenapi:domain';

/** A VBD as it was when the description was made, and what was made of it. */
export interface StoredDisk extends DiskSpec {
  readonly target: string | undefined;
  readonly path: string | undefined;
  readonly readonly: boolean;
  /** Where its data is was not known, so that the description has no device or no medium for it. */
  readonly leftOut: boolean;
}

/** What of a VIF an interface cannot express. */
export type StoredNic = Pick<NicSpec, 'vif' | 'position' | 'locking' | 'qos'>;

/** What XML cannot express of a VM, kept in the metadata of its domain. */
export interface Stored {
  /** Whether the domain was made here; one of other origin keeps its hardware. */
  readonly ours: boolean;
  /** Name of the domain when the description was made. */
  readonly domain: string;
  readonly settings: Settings;
  readonly kernel: DirectBoot | undefined;
  readonly disks: ReadonlyMap<string, StoredDisk>;
  readonly nics: ReadonlyMap<string, StoredNic>;
}

const text = z.array(z.tuple([z.string(), z.string()])).transform((pairs): ReadonlyMap<string, string> => new Map(pairs));
const bytes = z.int().nonnegative();
const maybe = z
  .string()
  .nullable()
  .transform((value) => value ?? undefined);

const disk = z.object({
  vbd: z.guid(),
  position: z.int(),
  kind: z.enum(['Disk', 'CD']),
  writable: z.boolean(),
  bootable: z.boolean(),
  volume: z
    .object({ sr: z.string(), location: z.string() })
    .nullable()
    .transform((value) => value ?? undefined),
  qos: text,
  target: maybe,
  path: maybe,
  readonly: z.boolean(),
  leftOut: z.boolean(),
});

const nic = z.object({
  vif: z.guid(),
  position: z.int(),
  locking: z.object({
    mode: z.enum(['unlocked', 'locked', 'disabled']),
    ipv4: z.array(z.string()),
    ipv6: z.array(z.string()),
  }),
  qos: text,
});

const settings = z.object({
  name: z.string(),
  description: z.string(),
  vcpus: z.object({ max: z.int(), online: z.int(), params: text }),
  memory: z.object({ staticMax: bytes, dynamicMax: bytes, dynamicMin: bytes, target: bytes }),
  boot: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('hvm'), params: text }),
    z.object({
      kind: z.literal('pv'),
      bootloader: z.string(),
      bootloaderArgs: z.string(),
      kernel: z.string(),
      ramdisk: z.string(),
      args: z.string(),
      installRepository: z.string(),
      installation: text,
    }),
  ]),
  platform: text,
  guestData: text,
  after: z.object({ shutdown: z.string(), reboot: z.string(), crash: z.string() }),
});

const record = z.object({
  ours: z.boolean(),
  domain: z.string(),
  settings,
  kernel: z
    .object({ kernel: z.string(), ramdisk: maybe, args: z.string() })
    .nullable()
    .transform((value) => value ?? undefined),
  disks: z.array(disk),
  nics: z.array(nic),
});

/** Puts our data into the metadata of a domain, unless it is there already. */
export function writeStored(domain: Element, stored: Stored): void {
  const metadata = ensure(domain, 'metadata');
  const old = own(metadata);
  const made = append(metadata, tag(NAME, { 'xmlns:xenapi': NAMESPACE }, formatStored(stored)));
  if (!old) return;
  metadata.removeChild(made);
  if (!sameElement(old, made)) metadata.replaceChild(made, old);
}

/** Our data in the metadata of a domain; undefined when there is none, or what others wrote under our name. */
export function readStored(domain: Element): Stored | undefined {
  const found = own(child(domain, 'metadata'));
  const uuid = textOf(domain, 'uuid')?.trim();
  if (!found || uuid === undefined) return undefined;
  const parsed = record.safeParse(parseJson(found.textContent ?? ''));
  if (!parsed.success) return undefined;
  const { settings: kept, disks, nics, ...rest } = parsed.data;
  return {
    ...rest,
    settings: { uuid, ...kept },
    disks: new Map(disks.map((one) => [one.vbd, one])),
    nics: new Map(nics.map((one) => [one.vif, one])),
  };
}

function own(metadata: Element | undefined): Element | undefined {
  return children(metadata).find(({ namespaceURI }) => namespaceURI === NAMESPACE);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function formatStored({ settings: { uuid: _uuid, ...kept }, disks, nics, ...rest }: Stored): string {
  const value = { ...rest, settings: kept, disks: [...disks.values()], nics: [...nics.values()] };
  const json = JSON.stringify(value, (_key, one) => {
    if (one instanceof Map) return [...one].sort(([a], [b]) => (a < b ? -1 : 1));
    return one === undefined ? null : one;
  });
  // What JSON leaves as it is and XML cannot hold, or would not give back.
  return json.replace(/[\u007f-\u009f\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
