import type { Duplex } from 'node:stream';
import { ApiError } from '../../../model/error.js';
import type { HostConsole } from '../../console.js';
import type { EmulatedCompute } from '../compute/compute.js';
import { screenConsole } from './rfb.js';
import { serialConsole } from './serial.js';

/** The consoles of the domains of one emulated host. */
export class EmulatedConsole implements HostConsole {
  private readonly compute: EmulatedCompute;

  constructor(compute: EmulatedCompute) {
    this.compute = compute;
  }

  protocols(domain: string): readonly ('rfb' | 'vt100')[] {
    const kind = this.compute.find(domain)?.spec.boot.kind;
    if (kind === undefined) return [];
    return kind === 'hvm' ? ['rfb'] : ['vt100'];
  }

  async open(domain: string, protocol: 'rfb' | 'vt100'): Promise<Duplex> {
    const found = this.compute.find(domain);
    if (found === undefined || found.domid < 0) throw new ApiError('VM_BAD_POWER_STATE', domain, 'running', 'halted');
    if (!this.protocols(domain).includes(protocol))
      throw new ApiError('VALUE_NOT_SUPPORTED', 'protocol', protocol, 'The domain has no such console');
    const stream = protocol === 'rfb' ? screenConsole(found.spec.name, domain) : serialConsole(found.spec.name);
    // A screen goes dark with its domain.
    const end = (): void => void stream.destroy();
    found.life.signal.addEventListener('abort', end, { once: true });
    stream.once('close', () => found.life.signal.removeEventListener('abort', end));
    return stream;
  }
}
