import { describe, expect, it } from 'vitest';
import { formatAddress, readAddress } from './repository-address.js';

describe('the address of a repository', () => {
  it.each([
    ['cdrom', 'cdrom'],
    ['http://mirror.example/os', 'http://mirror.example/os/'],
    ['https://mirror.example/os/#x', 'https://mirror.example/os/'],
    ['nfs:nas:/exports/os', 'nfs:nas:/exports/os'],
    ['nfs://nas/exports/os', 'nfs:nas:/exports/os'],
    ['nfs://nas:/exports/os', 'nfs:nas:/exports/os'],
    ['nfs:[fd00::1]:/os', 'nfs:[fd00::1]:/os'],
  ])('%s is understood', (text, same) => expect(formatAddress(readAddress(text), 'colon')).toBe(same));

  it.each([
    '',
    'CDROM2',
    'nfs:nas',
    'nfs:-o:/x',
    'nfs:nas,x:/y',
    'ftp://x/',
    'file:///etc',
    'http://',
    'http://a b/',
    'http://x/\n',
    `http://x/${'a'.repeat(1100)}`,
  ])('%j is refused', (text) => expect(() => readAddress(text)).toThrow(/install-repository|FTP/));
});
