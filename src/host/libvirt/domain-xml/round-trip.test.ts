import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainSpec } from '../../compute.js';
import { applyDomain } from './apply-domain.js';
import { buildDomain } from './build-domain.js';
import { describeDomain } from './describe-domain.js';
import { sampleDisk, sampleNic, sampleSpec, sampleSurroundings, sampleVolumes } from './testing/samples.js';

/** As many as take about a second. */
const RUNS = 25;

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const flag = fc.constantFrom('true', 'false', '1', '0', 'TRUE', 'maybe');

const platform = fc
  .record(
    {
      acpi: flag,
      apic: flag,
      viridian: flag,
      viridian_stimer: flag,
      'cores-per-socket': fc.constantFrom('1', '2', '3', '0', '-1', 'two'),
      'device-model': fc.constantFrom('qemu-upstream-compat', 'qemu-trad'),
      machine: fc.constantFrom('q35', 'pc', 'vax'),
      'disk-bus': fc.constantFrom('virtio', 'scsi', 'sata', 'ide', 'usb', 'tape'),
      'nic-model': fc.constantFrom('virtio', 'e1000', 'rtl8139', 'token-ring'),
      secureboot: fc.constantFrom('true', 'false', 'auto'),
      timeoffset: fc.constantFrom('0', '-3600', '7200', '1e3', ''),
      localtime: flag,
      vga: fc.constantFrom('std', 'cirrus', 'virtio', 'none', 'hercules'),
      videoram: fc.constantFrom('4', '8', '12', '0', '99999', 'lots'),
      vtpm: flag,
      hvm_serial: fc.constantFrom('none', 'pty', 'tcp::5000'),
      'nested-virt': flag,
    },
    { requiredKeys: [] },
  )
  .chain((known) =>
    fc.dictionary(anyText, anyText, { maxKeys: 3 }).map((free) => new Map([...Object.entries(free), ...Object.entries(known)])),
  );

const boot: fc.Arbitrary<DomainSpec['boot']> = fc.oneof(
  fc.record({
    kind: fc.constant('hvm' as const),
    params: fc
      .record(
        { order: fc.constantFrom('c', 'cd', 'dcn', 'n', '', 'xyz'), firmware: fc.constantFrom('bios', 'uefi') },
        { requiredKeys: [] },
      )
      .map((one) => new Map(Object.entries(one))),
  }),
  fc.record({
    kind: fc.constant('pv' as const),
    bootloader: fc.constantFrom('', 'pygrub', 'eliloader'),
    bootloaderArgs: anyText,
    kernel: fc.constantFrom('', '/boot/guest/vmlinuz'),
    ramdisk: fc.constantFrom('', '/boot/guest/initrd'),
    args: anyText,
    installRepository: fc.constantFrom('', 'http://mirror.example/os', 'cdrom'),
    installation: fc.constantFrom(new Map<string, string>(), new Map([['install-distro', 'rhlike']])),
  }),
);

const disks = fc.uniqueArray(fc.nat(12), { maxLength: 5 }).chain((positions) =>
  fc.tuple(
    ...positions.map((position) =>
      fc
        .record({
          kind: fc.constantFrom('Disk' as const, 'CD' as const),
          writable: fc.boolean(),
          bootable: fc.boolean(),
          qos: fc.constantFrom(new Map<string, string>(), new Map([['kbps', '100']]), new Map([['sched', 'rt']])),
          empty: fc.boolean(),
        })
        .map(({ empty, ...one }) => sampleDisk(position, { ...one, ...(empty && { volume: undefined }) })),
    ),
  ),
);

const nics = fc.uniqueArray(fc.nat(6), { maxLength: 4 }).chain((positions) =>
  fc.tuple(
    ...positions.map((position) =>
      fc
        .record({
          mtu: fc.constantFrom(1500, 9000),
          bridge: fc.constantFrom('xenbr0', 'xapi1'),
          locking: fc.constantFrom(
            { mode: 'unlocked' as const, ipv4: [], ipv6: [] },
            { mode: 'locked' as const, ipv4: ['10.0.0.1'], ipv6: ['fe80::1'] },
          ),
        })
        .map((one) => sampleNic(position, one)),
    ),
  ),
);

const spec: fc.Arbitrary<DomainSpec> = fc.record({
  uuid: fc.constant(sampleSpec().uuid),
  name: anyText,
  description: anyText,
  vcpus: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })).chain(([one, other]) =>
    fc.record({
      max: fc.constant(Math.max(one, other)),
      online: fc.constant(Math.min(one, other)),
      params: fc
        .record(
          {
            weight: fc.constantFrom('256', '1', '65535', 'heavy'),
            cap: fc.constantFrom('0', '50', '250'),
            mask: fc.constantFrom('0', '0,1', '1;0,1', 'all'),
          },
          { requiredKeys: [] },
        )
        .map((params) => new Map(Object.entries(params))),
    }),
  ),
  memory: fc.record({
    staticMax: fc.integer({ min: 2 ** 24, max: 2 ** 40 }),
    dynamicMax: fc.integer({ min: 2 ** 23, max: 2 ** 24 }),
    dynamicMin: fc.integer({ min: 2 ** 22, max: 2 ** 23 }),
    target: fc.integer({ min: 2 ** 23, max: 2 ** 24 }),
  }),
  boot,
  platform,
  guestData: fc.dictionary(anyText, anyText, { maxKeys: 2 }).map((one) => new Map(Object.entries(one))),
  disks,
  nics,
  after: fc.record({
    shutdown: fc.constantFrom('destroy', 'restart'),
    reboot: fc.constantFrom('destroy', 'restart'),
    crash: fc.constantFrom('destroy', 'coredump_and_destroy', 'restart', 'coredump_and_restart', 'preserve', 'rename_restart'),
  }),
});

const host = fc.record({
  type: fc.constantFrom('kvm' as const, 'qemu' as const),
  controlGroups: fc.constantFrom(1 as const, 2 as const),
  secureBoot: fc.boolean(),
  kernel: fc.constantFrom(undefined, { kernel: '/run/gateway/vmlinuz', ramdisk: '/run/gateway/initrd', args: 'console=ttyS0' }),
});

// On a machine that is busy they take long.
describe('the description of a VM', { timeout: 60_000 }, () => {
  const described = (xml: string, controlGroups: 1 | 2) => {
    const found = describeDomain(xml, { volumes: sampleVolumes(), persistent: true, autostart: false, controlGroups });
    const { persistent: _persistent, autostart: _autostart, ...rest } = found;
    return byPosition(rest);
  };

  it('tells everything that it was made from, and stays as it is', () => {
    fc.assert(
      fc.property(spec, host, (vm, traits) => {
        const surroundings = sampleSurroundings(vm, traits);
        const xml = buildDomain(vm, surroundings);
        expect(described(xml, traits.controlGroups)).toEqual(byPosition(vm));
        expect(applyDomain(xml, vm, surroundings)).toBe(xml);
      }),
      { numRuns: RUNS },
    );
  });

  it('becomes that of any other VM', () => {
    fc.assert(
      fc.property(spec, spec, host, (before, after, traits) => {
        const old = buildDomain(before, sampleSurroundings(before, traits));
        const surroundings = sampleSurroundings(after, traits);
        const xml = applyDomain(old, after, surroundings);
        expect(described(xml, traits.controlGroups)).toEqual(byPosition(after));
        expect(applyDomain(xml, after, surroundings)).toBe(xml);
      }),
      { numRuns: RUNS },
    );
  });
});

/** The order of devices means nothing. */
function byPosition(vm: DomainSpec): DomainSpec {
  const sorted = <T extends { readonly position: number }>(devices: readonly T[]) =>
    [...devices].sort((a, b) => a.position - b.position);
  return { ...vm, disks: sorted(vm.disks), nics: sorted(vm.nics) };
}
