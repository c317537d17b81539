import { z } from 'zod';
import type { Journal } from './journal.js';
import type { HostOptions, Origin } from './layout.js';
import { derivedMac } from './network/address-plan.js';
import { type Random, randomUuid } from './random.js';

const size = z.int().nonnegative();

const card = z.object({ device: z.string(), mac: z.string(), carrier: z.boolean(), speed: z.int() });

const lease = z.object({ address: z.string(), netmask: z.string(), gateway: z.string(), dns: z.string() });

const host = z.object({
  uuid: z.guid(),
  name: z.string(),
  hostname: z.string(),
  memory: size,
  cpu: z.object({ sockets: z.int(), coresPerSocket: z.int(), threadsPerCore: z.int() }),
  cards: z.array(card),
  address: z.string().optional(),
  managementDevice: z.string().optional(),
  controlDomainMemory: size.optional(),
  bare: z.boolean().optional(),
  leases: z.map(z.string(), lease).optional(),
});

const record = z.object({ hosts: z.array(host).min(1), origin: z.enum(['plan', 'dump']).default('plan') });

/** A host of a world: what it is and the cards that it has. Memory in bytes. */
export type HostRecord = z.infer<typeof host>;

/** What a world consists of; made once, then kept. */
export interface WorldRecord {
  readonly hosts: readonly HostRecord[];
  readonly origin: Origin;
}

const KEY = 'world';

const state = z.object({ vm: z.string(), host: z.string(), power: z.enum(['Halted', 'Paused', 'Running', 'Suspended']) });

const states = z.array(state);

const STATES_KEY = 'wanted-states';

/** A state that a VM is to be brought into, on a host. Both are uuids. */
export type UnreachedState = z.infer<typeof state>;

/** States that an earlier process was to bring VMs into and did not say that it had. */
export function loadUnreached(journal: Journal): readonly UnreachedState[] {
  return states.safeParse(journal.get(STATES_KEY)).data ?? [];
}

/** Keeps such states, or with none of them says that all are reached. */
export function keepUnreached(journal: Journal, unreached: readonly UnreachedState[]): void {
  if (unreached.length) journal.write({ [STATES_KEY]: unreached });
  else if (journal.get(STATES_KEY) !== undefined) journal.write({ [STATES_KEY]: null });
}

/** The world of an earlier process; undefined when there was none. */
export function loadWorld(journal: Journal, warn: (message: string) => void): WorldRecord | undefined {
  const kept = journal.get(KEY);
  if (kept === undefined) return undefined;
  const parsed = record.safeParse(kept);
  if (parsed.success) return parsed.data;
  warn('the record of the emulated world is damaged; a new world is made');
  return undefined;
}

/** Makes up a world of that shape and keeps it. The same generator gives the same world. */
export function newWorld(journal: Journal, random: Random, options: readonly HostOptions[], origin: Origin): WorldRecord {
  const world = { hosts: options.map((one) => hostRecord(one, random)), origin };
  journal.write({ [KEY]: world });
  return world;
}

function hostRecord({ nics, cpu, leases, ...options }: HostOptions, random: Random): HostRecord {
  const uuid = options.uuid ?? randomUuid(random);
  const cards = nics.map(({ carrier, speed, device, mac }, number) => {
    const name = device ?? `eth${number}`;
    return { device: name, mac: mac ?? derivedMac(`${uuid}/${name}`), carrier, speed };
  });
  return { ...options, uuid, cpu: { ...cpu }, cards, ...(leases && { leases: new Map(leases) }) };
}
