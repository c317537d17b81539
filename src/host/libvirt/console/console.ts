import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError } from '../../../model/error.js';
import type { DomainState } from '../../compute.js';
import type { HostConsole } from '../../console.js';
import type { Session } from '../connection/session.js';
import { consoles } from '../domain-xml/consoles.js';
import { asHost } from '../errors.js';

/** Milliseconds within which a screen that is there takes a connection. */
const PATIENCE = 5000;

/** What consoles need to know of domains. */
export interface ConsoleDomains {
  /** What was told of a domain last; undefined when it is not known. */
  find(uuid: string): Pick<DomainState, 'power'> | undefined;
  /** What a living domain consists of now. Rejects with VM_BAD_POWER_STATE. */
  liveXml(uuid: string): Promise<string>;
}

/**
 * Screens and text consoles of the domains of a libvirt host. Screens are VNC on a Unix socket or, for domains of other origin, on an
 * address that the daemon can reach; text goes through libvirt.
 */
export class LibvirtConsole implements HostConsole {
  readonly #session: Session;
  readonly #domains: ConsoleDomains;

  constructor(session: Session, domains: ConsoleDomains) {
    this.#session = session;
    this.#domains = domains;
  }

  /** Every domain that is made here has both; of one that somebody else made it shows when it is opened. */
  protocols(domain: string): readonly ('rfb' | 'vt100')[] {
    const power = this.#domains.find(domain)?.power;
    return power === 'Running' || power === 'Paused' ? ['rfb', 'vt100'] : [];
  }

  async open(domain: string, protocol: 'rfb' | 'vt100'): Promise<Duplex> {
    const { vncSocket, vnc, serial } = consoles(await this.#domains.liveXml(domain));
    if (protocol === 'vt100') {
      if (!serial) throw unavailable(protocol);
      return this.#openText(domain, serial.alias);
    }
    if (vncSocket !== undefined) return connected({ path: vncSocket });
    if (vnc) return connected({ host: loopback(vnc.address), port: vnc.port });
    throw unavailable(protocol);
  }

  async #openText(uuid: string, device: string): Promise<Duplex> {
    const { dom } = await asHost({ vm: uuid }, () => this.#session.read('DOMAIN_LOOKUP_BY_UUID', { uuid }));
    const { stream } = await asHost({ vm: uuid }, () =>
      // Whoever had it before lets go: a client that went away without a word must not keep it for ever.
      this.#session.openStream('DOMAIN_OPEN_CONSOLE', { dom, dev_name: device, flags: FORCE }),
    );
    return stream;
  }
}

/** VIR_DOMAIN_CONSOLE_FORCE */
const FORCE = 1;

function unavailable(protocol: string): ApiError {
  return new ApiError('VALUE_NOT_SUPPORTED', 'protocol', protocol, 'The domain has no such console');
}

/** A screen that listens on all addresses listens on this one too. */
function loopback(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function connected(options: NetConnectOpts): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(options);
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new ApiError('INTERNAL_ERROR', `the screen does not answer: ${reason}`));
    };
    const onError = (error: Error): void => fail(error.message);
    socket.setTimeout(PATIENCE, () => fail('timeout'));
    socket.once('error', onError).once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
