import type { DomainRef } from 'node-libvirt';
import { inParallel } from '../compute/in-parallel.js';
import type { Session } from '../connection/session.js';
import { isNoDomain } from '../errors.js';
import type { VolumeSources } from '../volume-source.js';
import { type DeviceNumbers, readDeviceNumbers } from './device-numbers.js';
import type { DomainCounters } from './domain-counters.js';

/** Descriptions read at a time: as many calls as a libvirt daemon works on for one connection. */
const READERS = 5;
/** Milliseconds for reading one; libvirtd has it in memory. */
const PATIENCE = 4000;

interface Known {
  /** Number of the domain, and the names of its devices: with others it is read again. */
  readonly life: string;
  readonly numbers: DeviceNumbers;
}

/** The numbers of the devices of all living domains. A description is read when a domain starts, or when its devices change. */
export class KnownDevices {
  readonly #session: Pick<Session, 'read'>;
  readonly #volumes: Pick<VolumeSources, 'locate' | 'cover'>;
  readonly #warn: (error: unknown, message: string) => void;
  readonly #known = new Map<string, Known>();

  constructor(
    session: Pick<Session, 'read'>,
    volumes: Pick<VolumeSources, 'locate' | 'cover'>,
    warn: (error: unknown, message: string) => void,
  ) {
    this.#session = session;
    this.#volumes = volumes;
    this.#warn = warn;
  }

  /** The numbers of a domain's devices; undefined when they could not be read. */
  of(uuid: string): DeviceNumbers | undefined {
    return this.#known.get(uuid)?.numbers;
  }

  /** Reads what is not known yet of these domains, and forgets all others. Never rejects. */
  async learn(domains: readonly DomainCounters[]): Promise<void> {
    const living = new Set(domains.map(({ uuid }) => uuid));
    for (const uuid of this.#known.keys()) if (!living.has(uuid)) this.#known.delete(uuid);
    const changed = domains.filter((domain) => this.#known.get(domain.uuid)?.life !== lifeOf(domain));
    await inParallel(changed, READERS, (domain) => this.#read(domain));
  }

  async #read(domain: DomainCounters): Promise<void> {
    const { name, uuid, id } = domain;
    const dom: DomainRef = { name, uuid, id };
    try {
      const { xml } = await this.#session.read('DOMAIN_GET_XML_DESC', { dom, flags: 0 }, { timeout: PATIENCE });
      this.#known.set(uuid, { life: lifeOf(domain), numbers: readDeviceNumbers(xml, this.#volumes) });
    } catch (thrown) {
      this.#known.delete(uuid);
      // One that ended while it was looked at has none.
      if (!isNoDomain(thrown)) this.#warn(thrown, `the devices of the domain ${uuid} could not be read`);
    }
  }
}

function lifeOf({ id, nics, disks }: DomainCounters): string {
  return [id, ...nics.map(({ target }) => target), '/', ...disks.map(({ target }) => target)].join(' ');
}
