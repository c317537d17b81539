import { describe, expect, it } from 'vitest';
import { buildDomain } from './build-domain.js';
import { consoles } from './consoles.js';
import { devicePlace, diskDevice, findNic, nicDevice } from './find-device.js';
import { FOREIGN_DOMAIN } from './testing/foreign.js';
import {
  sampleDisk,
  sampleDrive,
  sampleNic,
  sampleSource,
  sampleSpec,
  sampleSurroundings,
  sampleVolume,
} from './testing/samples.js';

const spec = sampleSpec();
const made = buildDomain(spec, sampleSurroundings(spec));

describe('a device that is added', () => {
  it('is of the kinds that the domain has', () => {
    const place = devicePlace(FOREIGN_DOMAIN);
    expect(nicDevice(sampleNic(2), place)).toContain('<model type="e1000"/>');
    expect(diskDevice(sampleDrive(1), undefined, place)).toContain('<target dev="hdb" bus="ide"/>');
    expect(nicDevice(sampleNic(2), devicePlace(made), { openVswitchBridges: new Set(['xenbr0']) })).toContain('openvswitch');
  });

  it('has a name that is free', () => {
    const source = sampleSource(sampleVolume('disk-2'));
    expect(diskDevice(sampleDisk(2), source, devicePlace(FOREIGN_DOMAIN))).toContain('<target dev="vdd" bus="virtio"/>');
    expect(diskDevice(sampleDisk(2), source, devicePlace(made))).toBe(
      '<disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="none" discard="unmap"/>' +
        '<source file="/srv/sample/disk-2.qcow2"/><target dev="vdc" bus="virtio"/>' +
        '<alias name="ua-00000000-0000-4000-8000-0000000000d2"/></disk>',
    );
  });
});

describe('a card that is there', () => {
  it('is found by its VIF, with its tap device while it lives', () => {
    const vif = sampleNic(1).vif;
    expect(findNic(made, vif)).toEqual({ target: undefined });
    const live = made.replace(`<alias name="ua-${vif}"/>`, `<target dev="vnet7"/><alias name="ua-${vif}"/>`);
    expect(findNic(live, vif)).toEqual({ target: 'vnet7' });
    expect(findNic(live, sampleNic(5).vif)).toBeUndefined();
  });
});

describe('consoles', () => {
  it('of a domain that was made here are a socket and a terminal', () => {
    const live = made.replace(
      '<console type="pty">',
      '<console type="pty" tty="/dev/pts/3"><source path="/dev/pts/3"/><alias name="serial0"/>',
    );
    expect(consoles(live)).toEqual({ vncSocket: '/run/sample/vnc.sock', serial: { alias: 'serial0', terminal: '/dev/pts/3' } });
  });

  it('of other domains are what they are', () => {
    const vnc = `<domain><devices><graphics type="vnc" port="5907"><listen type="address" address="127.0.0.1"/></graphics></devices></domain>`;
    expect(consoles(vnc)).toEqual({ vnc: { address: '127.0.0.1', port: 5907 } });
    expect(consoles('<domain/>')).toEqual({});
  });
});
