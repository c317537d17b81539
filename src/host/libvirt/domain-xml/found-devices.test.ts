import { expect, it } from 'vitest';
import { diskElements } from './found-devices.js';
import { parseXml } from './xml.js';

/** Whether a CD drive whose source is given counts as one with data. */
function isFilled(source: string): boolean | undefined {
  const drive = `<disk type='file' device='cdrom'>${source}<target dev='sda' bus='sata'/></disk>`;
  const uuid = '00000000-0000-4000-8000-000000000001';
  return diskElements(parseXml(`<domain><uuid>${uuid}</uuid><devices>${drive}</devices></domain>`))[0]?.filled;
}

it.each([
  ['a file', "<source file='/srv/a.iso' index='1'/>", true],
  ['something in the network', "<source protocol='http' name='a.iso'/>", true],
  ['nothing', '', false],
  ['what libvirt leaves in a living domain when the medium is taken out', "<source index='2'/>", false],
  ['what libvirt does about media that are missing', "<source startupPolicy='optional'/>", false],
])('a drive with %s', (_, source, filled) => {
  expect(isFilled(source)).toBe(filled);
});
