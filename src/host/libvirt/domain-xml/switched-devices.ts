import type { Section } from './section.js';
import { isTrue, withPlatform } from './settings.js';
import { append, attribute, child, children, drop, ensure, remove, tag } from './xml.js';

/** The serial port: there unless `hvm_serial` is `none`. Other values of the key name devices of the host, which no client may choose. */
export const serialPort: Section<boolean> = {
  express: ({ platform }) => platform.get('hvm_serial') !== 'none',
  read: (domain) => child(domain, 'devices', 'serial') !== undefined,
  interpret: (found, settings) => withPlatform(settings, { hvm_serial: found ? undefined : 'none' }),
  write: (domain, wanted) => {
    const devices = ensure(domain, 'devices');
    const consoles = children(devices, 'console').filter((one) => attribute(child(one, 'target'), 'type') === 'serial');
    for (const one of consoles) drop(one);
    remove(devices, 'serial');
    if (!wanted) return;
    append(devices, tag('serial', { type: 'pty' }, tag('target', { type: 'isa-serial', port: 0 })));
    append(devices, tag('console', { type: 'pty' }, tag('target', { type: 'serial', port: 0 })));
  },
};

/** The virtual TPM: there where `vtpm` is true. */
export const virtualTpm: Section<boolean> = {
  express: ({ platform }) => isTrue(platform.get('vtpm')),
  read: (domain) => child(domain, 'devices', 'tpm') !== undefined,
  interpret: (found, settings) => withPlatform(settings, { vtpm: found ? 'true' : undefined }),
  write: (domain, wanted) => {
    const devices = ensure(domain, 'devices');
    remove(devices, 'tpm');
    if (wanted) append(devices, tag('tpm', { model: 'tpm-crb' }, tag('backend', { type: 'emulator', version: '2.0' })));
  },
};
