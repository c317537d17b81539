import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiError } from '../../../model/error.js';
import type { SrSpec } from '../../storage.js';
import { refusal } from '../../storage-refusal.js';
import { isUuid } from '../../uuid-text.js';
import { adoptedDriver, DRIVERS, driverOf, type EmulatedDriver } from './drivers.js';
import { SrStore } from './sr-store.js';

/** What an SR tells of itself on its medium. Size in bytes. */
export interface SrFacts {
  readonly uuid: string;
  readonly type: string;
  readonly size: number;
  /** Host whose local medium it is on; null for a medium that all hosts see. */
  readonly host: string | null;
  /** The part of the device_config that tells where it is. */
  readonly place: Readonly<Record<string, string>>;
  /** Whether it stands for one of a pool elsewhere: it is then of any type and at any place. */
  readonly adopted: boolean;
}

const srFacts: z.ZodType<SrFacts> = z.object({
  uuid: z.guid(),
  type: z.string(),
  size: z.int().nonnegative(),
  host: z.guid().nullable(),
  place: z.record(z.string(), z.string()),
  adopted: z.boolean().default(false),
});

const FACTS = 'sr.json';
/** Size in bytes of an SR for which nobody gave one. */
const DEFAULT_SIZE = 2 ** 40;

/** All SRs that lie on the media of an emulated world, each in a directory named by its uuid. */
export class SrRegistry {
  private readonly directory: string;
  private readonly warn: (message: string) => void;
  private readonly known = new Map<string, SrFacts>();
  private readonly stores = new Map<string, SrStore>();

  constructor(directory: string, warn: (message: string) => void) {
    this.directory = directory;
    this.warn = warn;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      const facts = isUuid(name) ? this.readFacts(name) : undefined;
      if (facts !== undefined) this.known.set(name, facts);
    }
  }

  /** Makes an empty SR on a medium of the host. Throws the driver's refusal, SR_UUID_EXISTS, SR_DEVICE_IN_USE. */
  create(spec: SrSpec, size: number, host: string): void {
    const driver = driverOf(spec.type);
    driver.check(spec.deviceConfig);
    this.checkNew(spec.uuid);
    const place = placeOf(driver, spec);
    const owner = driver.shareable ? null : host;
    if ('device' in place && this.at(spec.type, place, host).length > 0) throw new ApiError('SR_DEVICE_IN_USE');
    const { uuid, type } = spec;
    this.put({ uuid, type, size: size > 0 ? size : DEFAULT_SIZE, host: owner, place, adopted: false });
  }

  /**
   * Makes an SR that stands for one of a pool elsewhere, as it is told: of any type, at any place, of any size. `host` is
   * null for one that all hosts see.
   */
  adopt(spec: SrSpec, size: number, host: string | null): void {
    this.checkNew(spec.uuid);
    const { uuid, type } = spec;
    const place = placeOf(DRIVERS.get(type) ?? adoptedDriver(type), spec);
    this.put({ uuid, type, size: Math.max(0, size), host, place, adopted: true });
  }

  /** Whether an SR stands for one of a pool elsewhere. */
  isAdopted(uuid: string): boolean {
    return this.known.get(uuid)?.adopted ?? false;
  }

  /** The kinds of adopted SRs that an emulated host has no driver for otherwise. */
  adoptedDrivers(): readonly EmulatedDriver[] {
    const types = new Set([...this.known.values()].map(({ type }) => type));
    return [...types].filter((type) => !DRIVERS.has(type)).map(adoptedDriver);
  }

  /** Whether the host could see the SR. */
  has(uuid: string, host: string): boolean {
    const facts = this.known.get(uuid);
    return facts !== undefined && (facts.host === null || facts.host === host);
  }

  /** The content of an SR that is there. */
  open(uuid: string): SrStore {
    const open = this.stores.get(uuid);
    if (open !== undefined) return open;
    const facts = this.known.get(uuid);
    if (facts === undefined) throw refusal('srNotThere', `There is no SR ${uuid}`);
    const store = new SrStore(uuid, this.path(uuid), driverFor(facts), facts.size, this.warn);
    this.stores.set(uuid, store);
    return store;
  }

  /** SRs of a type at a place that the host can see. */
  at(type: string, place: Readonly<Record<string, string>>, host: string): readonly SrFacts[] {
    return [...this.known.values()].filter(
      (sr) =>
        sr.type === type && this.has(sr.uuid, host) && Object.entries(place).every(([key, value]) => sr.place[key] === value),
    );
  }

  async destroy(uuid: string): Promise<void> {
    await this.open(uuid).close();
    this.stores.delete(uuid);
    this.known.delete(uuid);
    await rm(this.path(uuid), { recursive: true, force: true });
  }

  /** Resolves when no SR has layers left to be merged. */
  async settled(): Promise<void> {
    for (const store of this.stores.values()) await store.settled();
  }

  async close(): Promise<void> {
    for (const store of this.stores.values()) await store.close();
    this.stores.clear();
  }

  private checkNew(uuid: string): void {
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    if (this.known.has(uuid)) throw new ApiError('SR_UUID_EXISTS', uuid);
  }

  private put(facts: SrFacts): void {
    mkdirSync(this.path(facts.uuid), { mode: 0o700 });
    const file = join(this.path(facts.uuid), FACTS);
    writeFileSync(`${file}.new`, JSON.stringify(facts), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.known.set(facts.uuid, facts);
  }

  private path(uuid: string): string {
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    return join(this.directory, uuid);
  }

  private readFacts(uuid: string): SrFacts | undefined {
    try {
      const facts = srFacts.parse(JSON.parse(readFileSync(join(this.path(uuid), FACTS), 'utf8')));
      driverFor(facts);
      return facts.uuid === uuid ? facts : undefined;
    } catch (thrown) {
      this.warn(`SR ${uuid} cannot be read and is left out: ${thrown instanceof Error ? thrown.message : thrown}`);
      return undefined;
    }
  }
}

function placeOf({ place }: EmulatedDriver, { deviceConfig }: SrSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(place.map((key) => [key, deviceConfig.get(key) ?? '']));
}

/** Throws SR_UNKNOWN_DRIVER for a kind that only adopted SRs may have. */
function driverFor({ type, adopted }: SrFacts): EmulatedDriver {
  return adopted ? (DRIVERS.get(type) ?? adoptedDriver(type)) : driverOf(type);
}
