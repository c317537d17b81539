import { z } from 'zod';
import type { Journal } from './journal.js';
import type { HostOptions, PlacedSr, SrOptions } from './layout.js';
import { derivedMac } from './network/address-plan.js';
import { type Random, randomUuid } from './random.js';

const size = z.int().nonnegative();

const card = z.object({ device: z.string(), mac: z.string(), carrier: z.boolean(), speed: z.int() });

const host = z.object({
  uuid: z.uuid(),
  name: z.string(),
  hostname: z.string(),
  memory: size,
  cpu: z.object({ sockets: z.int(), coresPerSocket: z.int(), threadsPerCore: z.int() }),
  cards: z.array(card),
});

const sr = z.object({
  spec: z.object({
    uuid: z.uuid(),
    type: z.string(),
    deviceConfig: z.map(z.string(), z.string()),
    smConfig: z.map(z.string(), z.string()),
    contentType: z.string(),
    shared: z.boolean(),
  }),
  name: z.string(),
  description: z.string(),
  size,
  tools: z.boolean(),
  hosts: z.array(z.uuid()),
});

const record = z.object({ hosts: z.array(host).min(1), srs: z.array(sr) });

/** A host of a world: what it is and the cards that it has. Memory in bytes. */
export type HostRecord = z.infer<typeof host>;

/** What a world consists of; made once, then kept. */
export interface WorldRecord {
  readonly hosts: readonly HostRecord[];
  readonly srs: readonly PlacedSr[];
}

const KEY = 'world';

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
export function newWorld(
  journal: Journal,
  random: Random,
  hostOptions: readonly HostOptions[],
  srOptions: readonly SrOptions[],
): WorldRecord {
  const hosts = hostOptions.map((options): HostRecord => {
    const uuid = randomUuid(random);
    const cards = options.nics.map(({ carrier, speed }, index) => {
      const device = `eth${index}`;
      return { device, mac: derivedMac(`${uuid}/${device}`), carrier, speed };
    });
    const { name, hostname, memory, cpu } = options;
    return { uuid, name, hostname, memory, cpu: { ...cpu }, cards };
  });
  const srs = srOptions.flatMap((options) => placements(options, hosts).map((owners) => place(options, owners, random)));
  const world = { hosts, srs };
  journal.write({ [KEY]: world });
  return world;
}

/** The groups of hosts of which each gets an SR of its own. */
function placements({ shared, host: number }: SrOptions, hosts: readonly HostRecord[]): readonly (readonly string[])[] {
  const uuids = hosts.map(({ uuid }) => uuid);
  if (shared) return [uuids];
  return (number === undefined ? uuids : uuids.slice(number, number + 1)).map((uuid) => [uuid]);
}

function place(options: SrOptions, hosts: readonly string[], random: Random): PlacedSr {
  const { type, deviceConfig, contentType, shared, name, description, size: bytes, tools } = options;
  const spec = { uuid: randomUuid(random), type, deviceConfig, smConfig: new Map<string, string>(), contentType, shared };
  return { spec, name, description, size: bytes, tools, hosts };
}
