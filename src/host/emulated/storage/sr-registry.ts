import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiError } from '../../../model/error.js';
import type { SrSpec } from '../../storage.js';
import { isUuid } from '../random.js';
import { driverOf } from './drivers.js';
import { refusal } from './refusal.js';
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
}

const srFacts: z.ZodType<SrFacts> = z.object({
  uuid: z.uuid(),
  type: z.string(),
  size: z.int().nonnegative(),
  host: z.uuid().nullable(),
  place: z.record(z.string(), z.string()),
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
    if (!isUuid(spec.uuid)) throw new ApiError('UUID_INVALID', 'SR', spec.uuid);
    if (this.known.has(spec.uuid)) throw new ApiError('SR_UUID_EXISTS', spec.uuid);
    const place = Object.fromEntries(driver.place.map((key) => [key, spec.deviceConfig.get(key) ?? '']));
    const owner = driver.shareable ? null : host;
    if ('device' in place && this.at(spec.type, place, host).length > 0) throw new ApiError('SR_DEVICE_IN_USE');
    const facts = { uuid: spec.uuid, type: spec.type, size: size > 0 ? size : DEFAULT_SIZE, host: owner, place };
    mkdirSync(this.path(spec.uuid), { mode: 0o700 });
    const file = join(this.path(spec.uuid), FACTS);
    writeFileSync(`${file}.new`, JSON.stringify(facts), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.known.set(spec.uuid, facts);
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
    const store = new SrStore(uuid, this.path(uuid), driverOf(facts.type), facts.size, this.warn);
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

  private path(uuid: string): string {
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    return join(this.directory, uuid);
  }

  private readFacts(uuid: string): SrFacts | undefined {
    try {
      const facts = srFacts.parse(JSON.parse(readFileSync(join(this.path(uuid), FACTS), 'utf8')));
      driverOf(facts.type);
      return facts.uuid === uuid ? facts : undefined;
    } catch (thrown) {
      this.warn(`SR ${uuid} cannot be read and is left out: ${thrown instanceof Error ? thrown.message : thrown}`);
      return undefined;
    }
  }
}
