import { expect, it } from 'vitest';
import { bannerLines } from './banner.js';

const banner = {
  version: '0.1.0',
  product: 'XCP-ng 8.3',
  pool: 'emulated pool: 2 hosts, 4 VMs',
  addresses: { https: 'https://127.0.0.1:8443', pid: 1 },
  dataDir: '/data',
  user: 'root',
};

it('shows what there is and leaves out what is off', () => {
  expect(bannerLines({ ...banner, fingerprint: 'AB:CD', notices: ['port 443 is not permitted: using 8443'] })).toEqual([
    'port 443 is not permitted: using 8443',
    'XenAPI gateway 0.1.0, appearing as XCP-ng 8.3',
    '  pool        emulated pool: 2 hosts, 4 VMs',
    '  HTTPS       https://127.0.0.1:8443',
    '  certificate SHA-256 AB:CD',
    '  data        /data',
    '  user        root',
  ]);
});

it('shows a password that was made', () => {
  expect(bannerLines({ ...banner, madePassword: 'abc' }).at(-1)).toBe('  password    abc   (made now, shown only this once)');
});
