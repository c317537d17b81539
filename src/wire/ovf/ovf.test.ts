import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../model/error.js';
import { readEnvelope } from './envelope.js';
import { FileDigests, readManifest } from './manifest.js';
import { card, config, drive, envelopeOf, item, type TestEnvelope } from './testing/envelopes.js';
import { unitOf } from './units.js';

const FILE = '<File ovf:id="file1" ovf:href="disk.vmdk" ovf:size="12"/>';
const DISK = '<Disk ovf:diskId="one" ovf:fileRef="file1" ovf:capacity="8" ovf:capacityAllocationUnits="byte * 2^30"/>';

function read(envelope: TestEnvelope) {
  return readEnvelope(Buffer.from(envelopeOf(envelope)));
}

function only(envelope: TestEnvelope) {
  const [system] = read(envelope).systems;
  if (!system) throw new Error('no VM');
  return system;
}

const emptyDisk = (id: string) => `<Disk ovf:diskId="${id}" ovf:capacity="1048576"/>`;

describe('an OVF file', () => {
  it('says what a VM is made of', () => {
    const { disks, systems } = read({
      files: FILE,
      disks: DISK,
      guest: 'vmw:osType="ubuntu64Guest"',
      hardware: [item({ id: 3, type: 6 }), drive(4, 3, 0, 'one'), card(5, 'VM Network'), config('firmware', 'efi')].join(''),
    });
    expect(disks.get('one')).toEqual({
      id: 'one',
      file: { href: 'disk.vmdk', isGzip: false },
      capacity: 8 * 2 ** 30,
      format: '',
    });
    expect(systems).toEqual([
      {
        name: 'From elsewhere & here',
        description: 'What it is for',
        guest: 'ubuntu64Guest',
        vcpus: 2,
        coresPerSocket: undefined,
        memory: 192 * 2 ** 20,
        firmware: 'uefi',
        secureBoot: false,
        drives: [{ kind: 'disk', disk: 'one', bus: 'scsi' }],
        cards: [{ network: 'VM Network', model: 'VmxNet3' }],
        others: [],
      },
    ]);
  });

  it('has its disks in the order of controllers and of places there, and one drive for CDs behind them', () => {
    const disks = ['a', 'b', 'c', 'd'].map(emptyDisk).join('');
    const hardware = [
      item({ id: 3, type: 6 }),
      item({ id: 4, type: 20 }),
      drive(10, 4, 0, 'c'),
      drive(11, 3, 1, 'b'),
      item({ id: 12, type: 15, parent: 4, place: 1 }),
      item({ id: 13, type: 16, parent: 4, place: 2 }),
      drive(14, 3, 0, 'a'),
      drive(15, 99, 0, 'd'),
    ].join('');
    const order = (more: string) => only({ disks, hardware, more }).drives.map(({ disk, kind }) => disk ?? kind);
    expect(order('')).toEqual(['a', 'b', 'c', 'd', 'cd']);
    expect(order('<vmw:BootOrderSection vmw:instanceId="10" vmw:type="disk"><Info/></vmw:BootOrderSection>')[0]).toBe('c');
  });

  it('is read in the configuration that is meant for those who do not choose', () => {
    const options =
      '<DeploymentOptionSection><Info/><Configuration ovf:id="small"/><Configuration ovf:id="big" ovf:default="true"/></DeploymentOptionSection>';
    const quantity = (count: number) => `<rasd:VirtualQuantity>${count}</rasd:VirtualQuantity>`;
    const hardware =
      item({ id: 1, type: 3, attributes: 'ovf:configuration="big huge"', more: quantity(8) }) +
      item({ id: 1, type: 3, attributes: 'ovf:configuration="small"', more: quantity(1) });
    const text = envelopeOf({ hardware }).replace('<VirtualSystem', `${options}<VirtualSystem`);
    expect(readEnvelope(Buffer.from(text)).systems[0]?.vcpus).toBe(8);
  });

  it('tells of devices that are not known here', () => {
    const hardware = item({ id: 30, type: 999 }) + item({ id: 31, type: 24 }) + item({ id: 32, type: 14 });
    expect(only({ hardware }).others).toEqual(['device 30']);
  });

  it.each<[string, TestEnvelope | string, RegExp]>([
    ['that is no XML', 'text', /cannot be read/],
    ['of something else', '<Thing/>', /not in OVF/],
    ['with a document type', `<!DOCTYPE Envelope [<!ENTITY a "b">]>${envelopeOf({}).slice(38)}`, /document type/],
    ['with an entity', envelopeOf({}).replace('What it is for', '&secret;'), /cannot be read/],
    ['without VMs', '<Envelope/>', /no VMs/],
    ['with a file in pieces', { files: '<File ovf:id="f" ovf:href="x" ovf:chunkSize="5"/>' }, /several files/],
    [
      'with a file that is compressed anyhow',
      { files: '<File ovf:id="f" ovf:href="x" ovf:compression="bzip2"/>' },
      /unknown way/,
    ],
    ['with a disk without its file', { disks: DISK }, /no file file1/],
    ['with a file of two disks', { files: FILE, disks: DISK + DISK.replace('one', 'two') }, /the same file/],
    ['with a disk over another', { disks: '<Disk ovf:diskId="a" ovf:parentRef="b" ovf:capacity="1"/>' }, /differences/],
    ['with a size that is left open', { disks: `<Disk ovf:diskId="a" ovf:capacity="$\{size}"/>` }, /size of a disk/],
    ['with an absurd size', { disks: '<Disk ovf:diskId="a" ovf:capacity="9999999999999999"/>' }, /size of a disk/],
    ['with a drive without a disk', { hardware: drive(9, 3, 0, 'none') }, /no disk none/],
    ['with an unknown unit', { memoryUnit: 'furlongs' }, /memory/],
    ['with too many levels', `<Envelope>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</Envelope>`, /too large/],
    ['with too many elements', `<Envelope>${'<a/>'.repeat(60_000)}</Envelope>`, /too large/],
  ])('%s is refused', (_what, given, message) => {
    const text = typeof given === 'string' ? given : envelopeOf(given);
    expect(() => readEnvelope(Buffer.from(text))).toThrow(ApiError);
    expect(() => readEnvelope(Buffer.from(text))).toThrow(message);
  });

  it('is read or refused, whatever of it is changed', () => {
    const whole = envelopeOf({ files: FILE, disks: DISK, hardware: item({ id: 3, type: 6 }) + drive(4, 3, 0, 'one') });
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(200), fc.string({ maxLength: 40 }), (at, length, text) => {
        try {
          readEnvelope(Buffer.from(whole.slice(0, at) + text + whole.slice(at + length)));
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'IMPORT_ERROR' });
        }
      }),
      { numRuns: 40 },
    );
  });
});

it.each([
  ['byte', 1],
  ['byte * 2^20', 2 ** 20],
  ['byte*2^30', 2 ** 30],
  ['byte * 1024', 1024],
  ['byte * 10^9', 1e9],
  ['MegaBytes', 2 ** 20],
  ['GB', 2 ** 30],
  ['byte * 2^99', undefined],
  ['hertz * 10^6', undefined],
  ['', undefined],
])('the unit %s', (text, bytes) => {
  expect(unitOf(text)).toBe(bytes);
});

describe('a manifest', () => {
  it('has a digest of each file', () => {
    const digests = new FileDigests(['sha1', 'sha256']);
    digests.add(Buffer.from('ab'));
    digests.add(Buffer.from('c'));
    const [sha1, sha256] = digests.end();
    expect(sha1?.digits).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    const text = `SHA1(a b.vmdk)= ${sha1?.digits.toUpperCase()}\r\nSHA256(x.ovf)= ${sha256?.digits}\n`;
    expect([...readManifest(text)]).toEqual([
      ['a b.vmdk', sha1],
      ['x.ovf', sha256],
    ]);
  });

  it.each(['MD5(a)= 00', 'SHA256(a)= 12', 'text'])('with the line %s is refused', (line) => {
    expect(() => readManifest(line)).toThrow(/not understood/);
  });
});
