import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProvision, MAX_PROVISION_DISKS, ProvisionError, parseProvision } from './provision.js';
import { MAX_XML_LENGTH } from './xml.js';

describe('parseProvision', () => {
  it('reads what pretty-printing scripts write back', () => {
    const text = `
<?xml version="1.0" ?>
<!-- two disks -->
<provision>
  <disk type="user" bootable="true" device="0" sr="a-uuid" size="8589934592"/>
  <disk device='1' size='1024' sr='' bootable='false'></disk>
</provision>
`;
    expect(parseProvision(text)).toEqual([
      { device: '0', size: 8589934592, sr: 'a-uuid', bootable: true, type: 'user' },
      { device: '1', size: 1024, sr: '', bootable: false, type: 'system' },
    ]);
    expect(parseProvision('<provision/>')).toEqual([]);
  });

  it('refuses what is no list of disks', () => {
    const bad = [
      '',
      'disks',
      '<provision>',
      '<disks/>',
      '<provision><disk size="1"/></provision>',
      '<provision><disk device="0"/></provision>',
      '<provision><disk device="0" size="8G"/></provision>',
      '<provision><disk device="0" size="-1"/></provision>',
      '<provision><disk device="0" size="99999999999999999"/></provision>',
      '<provision><disk device="0" size="1" type="floppy"/></provision>',
      '<!DOCTYPE p [<!ENTITY e "1">]><provision><disk device="&e;" size="1"/></provision>',
      `<provision>${'<disk device="0" size="1"/>'.repeat(MAX_PROVISION_DISKS + 1)}</provision>`,
      `<provision>${' '.repeat(MAX_XML_LENGTH)}</provision>`,
    ];
    for (const text of bad) expect(() => parseProvision(text), text.slice(0, 80)).toThrow(ProvisionError);
  });
});

describe('formatProvision', () => {
  it('is read back as it was', () => {
    const disks = fc.array(
      fc.record({
        device: fc.stringMatching(/^[a-z0-9<>&"' \n]{0,8}$/),
        size: fc.maxSafeNat(),
        sr: fc.stringMatching(/^[a-z0-9-<>&"']{0,36}$/),
        bootable: fc.boolean(),
        type: fc.constantFrom('system' as const, 'user' as const, 'ephemeral' as const),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(disks, (list) => {
        expect(parseProvision(formatProvision(list))).toEqual(list);
      }),
    );
  });
});
