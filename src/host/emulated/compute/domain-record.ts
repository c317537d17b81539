import { z } from 'zod';
import type { Journal } from '../journal.js';
import { type Domain, isLive, newDomain } from './domain.js';
import { guestState } from './guest.js';

const text = z.map(z.string(), z.string());
const bytes = z.int().nonnegative();
const volume = z.object({ sr: z.guid(), location: z.string() });
/** JSON has no undefined: what is absent is null in the file. */
const maybeVolume = volume.nullable().transform((value) => value ?? undefined);

const disk = z.object({
  vbd: z.string(),
  position: z.int(),
  kind: z.enum(['Disk', 'CD']),
  writable: z.boolean(),
  bootable: z.boolean(),
  volume: maybeVolume,
  qos: text,
});

const nic = z.object({
  vif: z.string(),
  position: z.int(),
  mac: z.string(),
  mtu: z.int(),
  bridge: z.string(),
  locking: z.object({
    mode: z.enum(['unlocked', 'locked', 'disabled']),
    ipv4: z.array(z.string()),
    ipv6: z.array(z.string()),
  }),
  qos: text,
});

const boot = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hvm'), params: text }),
  z.object({
    kind: z.literal('pv'),
    bootloader: z.string(),
    bootloaderArgs: z.string(),
    kernel: z.string(),
    ramdisk: z.string(),
    args: z.string(),
    installRepository: z.string().default(''),
    installation: text.default(() => new Map()),
  }),
]);

const spec = z.object({
  uuid: z.guid(),
  name: z.string(),
  description: z.string(),
  vcpus: z.object({ max: z.int(), online: z.int(), params: text }),
  memory: z.object({ staticMax: bytes, dynamicMax: bytes, dynamicMin: bytes, target: bytes }),
  boot,
  platform: text,
  guestData: text,
  disks: z.array(disk),
  nics: z.array(nic),
  after: z.object({ shutdown: z.string(), reboot: z.string(), crash: z.string() }),
});

const record = z.object({
  host: z.guid(),
  spec,
  power: z.enum(['Running', 'Paused', 'Suspended']),
  domid: z.int(),
  startedAt: z.number(),
  vcpus: z.int(),
  memoryMinimum: bytes,
  memoryMaximum: bytes,
  memory: bytes,
  image: maybeVolume,
  heard: z.boolean(),
});

const KEY = 'domain/';

/** The domains of all hosts in the journal of the world: they go on when the process comes back after a crash. */
export class DomainRecords {
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** Puts a domain as it is now; one that is neither live nor suspended is taken out. */
  keep(host: string, domain: Domain): void {
    if (!isLive(domain) && domain.power !== 'Suspended') {
      this.drop(domain.uuid);
      return;
    }
    const { power, domid, startedAt, vcpus, memoryMinimum, memoryMaximum, memory, image = null } = domain;
    const disks = [...domain.disks.values()].map((one) => ({ ...one, volume: one.volume ?? null }));
    const kept = { ...domain.spec, disks, nics: [...domain.nics.values()] };
    const value = { host, spec: kept, power, domid, startedAt, vcpus, memoryMinimum, memoryMaximum, memory, image };
    const heard = domain.guest !== undefined;
    this.journal.write({ [KEY + domain.uuid]: { ...value, heard } });
  }

  drop(uuid: string): void {
    if (this.journal.get(KEY + uuid) !== undefined) this.journal.write({ [KEY + uuid]: null });
  }

  /** The domains of a host; damaged records are reported and left out. */
  load(host: string, warn: (message: string) => void): readonly Domain[] {
    const found: Domain[] = [];
    for (const [key, value] of this.journal.entries()) {
      if (!key.startsWith(KEY)) continue;
      const parsed = record.safeParse(value);
      if (!parsed.success) warn(`${key} is damaged and left out`);
      else if (parsed.data.host === host) {
        const { host: _host, spec: kept, heard, ...state } = parsed.data;
        const domain = Object.assign(newDomain(kept), state);
        if (heard) domain.guest = guestState(kept, domain.nics.values());
        found.push(domain);
      }
    }
    return found;
  }
}
