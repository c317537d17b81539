import { describe, expect, it } from 'vitest';
import type { DomainSpec } from '../../compute.js';
import { buildDomain } from './build-domain.js';
import type { Surroundings } from './surroundings.js';
import { sampleDisk, sampleDrive, sampleNic, sampleSpec, sampleSurroundings } from './testing/samples.js';

const build = (changes: Partial<DomainSpec> = {}, of: Partial<Surroundings> = {}) => {
  const spec = sampleSpec(changes);
  return buildDomain(spec, sampleSurroundings(spec, of));
};
const platform = (keys: Readonly<Record<string, string>>) => ({
  platform: new Map([...sampleSpec().platform, ...Object.entries(keys)]),
});
const hvm = (params: Readonly<Record<string, string>>): Pick<DomainSpec, 'boot'> => ({
  boot: { kind: 'hvm', params: new Map(Object.entries(params)) },
});
const vcpus = (max: number, params: Readonly<Record<string, string>> = {}) => ({
  vcpus: { max, online: 1, params: new Map(Object.entries(params)) },
});

/** Uuids of devices in their boot order. */
function booted(xml: string): readonly string[] {
  const found = [...xml.matchAll(/name="ua-([0-9a-f-]+)"\/><boot order="(\d+)"/g)];
  return found.sort((a, b) => Number(a[2]) - Number(b[2])).map(([, uuid]) => uuid?.slice(-2) ?? '');
}

describe('a new domain', () => {
  it('has the devices that every guest gets', () => {
    const xml = build();
    for (const expected of [
      '<memballoon model="virtio" autodeflate="on"><stats period="5"/></memballoon>',
      '<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>',
      '<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>',
      '<input type="tablet" bus="usb"/>',
      '<graphics type="vnc" socket="/run/sample/vnc.sock"><listen type="socket" socket="/run/sample/vnc.sock"/></graphics>',
      '<serial type="pty"><target type="isa-serial" port="0"/></serial>',
      '<video><model type="vga" vram="8192"/></video>',
    ])
      expect(xml).toContain(expected);
    expect(xml).not.toContain('port="59');
  });

  it('has virtio disks and cards, and a CD drive that every guest finds', () => {
    const xml = build();
    expect(xml).toContain('<source file="/srv/sample/disk-0.qcow2"/><target dev="vda" bus="virtio"/>');
    expect(xml).toContain('<driver name="qemu" type="qcow2" cache="none" discard="unmap"/>');
    expect(xml).toContain(
      '<disk type="file" device="cdrom"><driver name="qemu" type="raw"/><target dev="sdd" bus="sata"/><readonly/>',
    );
    expect(xml).toContain('<mac address="02:00:00:00:00:00"/><source bridge="xenbr0"/><model type="virtio"/>');
  });

  it('shares disks of plain bytes that others may write to, and no others', () => {
    const disk = sampleDisk(0, { sharable: true });
    const shared = (format: 'raw' | 'qcow2') =>
      build({ disks: [disk] }, { sources: new Map([[disk.vbd, { path: '/dev/d', kind: 'block', format, readOnly: false }]]) });
    expect(shared('raw')).toContain('<shareable/>');
    expect(shared('qcow2')).not.toContain('<shareable/>');
  });

  it('has drives and cards of old kinds where platform asks for them', () => {
    expect(build(platform({ 'disk-bus': 'sata', 'nic-model': 'e1000e' }))).toContain('<target dev="sda" bus="sata"/>');
    const ide = build(platform({ 'disk-bus': 'ide', nic_type: 'rtl8139' }));
    expect(ide).toContain('machine="pc"');
    expect(ide).toContain('<target dev="hda" bus="ide"/>');
    expect(ide).toContain('<target dev="hdd" bus="ide"/>');
    expect(ide).toContain('<model type="rtl8139"/>');
    const fifth = { disks: [sampleDisk(4), sampleDisk(0, { writable: false })] };
    expect(build({ ...platform({ 'disk-bus': 'ide' }), ...fifth })).toContain('<target dev="sde" bus="sata"/>');
    expect(build({ ...platform({ 'disk-bus': 'ide' }), ...fifth })).toContain('<target dev="sda" bus="usb"/>');
    const scsi = build(platform({ 'disk-bus': 'scsi' }));
    expect(scsi).toContain('<controller type="scsi" index="0" model="virtio-scsi"/>');
    expect(scsi).toContain('<target dev="sda" bus="scsi"/>');
  });

  it('names drives beyond the letters as the kernel does', () => {
    const xml = build({ disks: [sampleDisk(25), sampleDisk(26), sampleDisk(255)] });
    for (const name of ['vdz', 'vdaa', 'vdiv']) expect(xml).toContain(`dev="${name}"`);
  });

  it('boots its devices in the order of the letters, bootable ones first', () => {
    const devices = {
      disks: [sampleDisk(0, { bootable: false }), sampleDisk(1), sampleDrive(3)],
      nics: [sampleNic(1), sampleNic(0)],
    };
    expect(booted(build({ ...devices, ...hvm({ order: 'cdn' }) }))).toEqual(['d1', 'd0', 'd3', 'e0', 'e1']);
    expect(booted(build({ ...devices, ...hvm({ order: 'ND' }) }))).toEqual(['e0', 'e1', 'd3']);
    expect(booted(build({ ...devices, ...hvm({}) }))).toEqual(['d1', 'd0', 'd3']);
    const pv = {
      kind: 'pv',
      bootloader: 'pygrub',
      bootloaderArgs: '',
      kernel: '',
      ramdisk: '',
      args: '',
      installRepository: '',
      installation: new Map(),
    } as const;
    expect(booted(build({ ...devices, boot: pv }))).toEqual(['d1', 'd3', 'd0']);
  });

  it('has firmware that libvirt finds by what it can do', () => {
    expect(build()).not.toContain('firmware=');
    const off = '<feature enabled="no" name="secure-boot"/>';
    const setup = '<feature enabled="no" name="enrolled-keys"/><feature enabled="yes" name="secure-boot"/>';
    const on = '<feature enabled="yes" name="enrolled-keys"/><feature enabled="yes" name="secure-boot"/>';
    const of = (secureboot: string, secureBoot = true) =>
      build({ ...hvm({ firmware: 'uefi' }), ...platform({ secureboot }) }, { secureBoot });
    expect(of('false')).toContain(`<firmware>${off}</firmware>`);
    expect(of('auto')).toContain(`<firmware>${setup}</firmware>`);
    expect(of('auto', false)).toContain(`<firmware>${off}</firmware>`);
    expect(of('true')).toContain(`<firmware>${on}</firmware>`);
    expect(of('true')).toContain('<smm state="on"/>');
    expect(build(platform({ vtpm: 'true' }))).toContain('<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>');
  });

  it('has CPUs in sockets, all but the first of which can come and go', () => {
    const xml = build();
    expect(xml).toContain('<topology sockets="2" dies="1" cores="2" threads="1"/>');
    expect(xml).toContain('<vcpu id="1" enabled="yes" hotpluggable="yes" order="2"/>');
    expect(xml).toContain('<vcpu id="3" enabled="no" hotpluggable="yes"/>');
    // Sockets that would not be full.
    expect(build({ ...vcpus(3), ...platform({ 'cores-per-socket': '2' }) })).not.toContain('<topology');
    expect(build(vcpus(1))).not.toContain('<vcpus>');
  });

  it('has CPUs that can be had by its type', () => {
    expect(build()).toContain('<cpu mode="maximum" check="none">');
    const kvm = build(platform({ 'nested-virt': 'true' }), { type: 'kvm' });
    expect(kvm).toContain('<cpu mode="host-model" check="partial">');
    expect(kvm).toContain('<feature policy="optional" name="vmx"/>');
    expect(build({}, { type: 'kvm' })).toContain('<feature policy="disable" name="svm"/>');
  });

  it('shows Windows what it knows, where that works', () => {
    const keys = platform({
      viridian: 'true',
      viridian_stimer: 'true',
      viridian_apic_assist: 'false',
      viridian_crash_ctl: 'true',
    });
    const xml = build(keys, { type: 'kvm' });
    expect(xml).toContain('<spinlocks state="on" retries="8191"/>');
    expect(xml).toContain('<stimer state="on"/>');
    expect(xml).not.toContain('<vapic');
    expect(xml).toContain('<timer name="hypervclock" present="yes"/>');
    expect(xml).toContain('<panic model="hyperv"/>');
    expect(build(keys)).not.toContain('hyperv');
  });

  it('has a clock by offset, by zone or of the guest itself', () => {
    const without = (keys: Readonly<Record<string, string>>) => ({ platform: new Map(Object.entries(keys)) });
    expect(build(without({ timeoffset: '-3600', viridian: 'true' }))).toContain(
      '<clock offset="variable" adjustment="-3600" basis="utc"/>',
    );
    expect(build(without({ viridian: 'true' }))).toContain('<clock offset="localtime"/>');
    expect(build(without({ viridian: 'true', localtime: 'false', timeoffset: 'x' }))).toContain('<clock offset="utc"/>');
  });

  it('has weight, cap and pinning by VCPUs_params', () => {
    const tuned = vcpus(3, { weight: '512', cap: '150', mask: '0,1,2;5', 'numa-nodes': '0,1' });
    const xml = build(tuned);
    expect(xml).toContain(
      '<cputune><shares>200</shares><vcpupin vcpu="0" cpuset="0-2"/><vcpupin vcpu="1" cpuset="5"/><vcpupin vcpu="2" cpuset="5"/>' +
        '<global_period>100000</global_period><global_quota>150000</global_quota></cputune>',
    );
    expect(xml).toContain('<numatune><memory mode="strict" nodeset="0-1"/></numatune>');
    expect(build(tuned, { controlGroups: 1 })).toContain('<shares>2048</shares>');
    expect(build(vcpus(2, { mask: '1,3' }))).toContain('cpuset="1,3"');
    expect(build(vcpus(2, { weight: 'heavy', cap: '-1', mask: '1,x', 'numa-nodes': '' }))).not.toMatch(/cputune|numatune|cpuset/);
  });

  it('ends after a crash, so that the end is seen, and after an installation, so that the kernel is not booted again', () => {
    expect(build({ after: { shutdown: 'restart', reboot: 'restart', crash: 'coredump_and_restart' } })).toContain(
      '<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>coredump-destroy</on_crash>',
    );
    const boot = {
      kind: 'pv',
      bootloader: 'eliloader',
      bootloaderArgs: '',
      kernel: '',
      ramdisk: '',
      args: '',
      installRepository: 'http://x',
      installation: new Map(),
    } as const;
    expect(build({ boot }, { kernel: { kernel: '/run/k', ramdisk: undefined, args: '' } })).toContain('<on_reboot>destroy');
  });

  it('has limits of disks, and jumbo frames', () => {
    const qos = new Map([
      ['kbps', '100'],
      ['iops', '20'],
      ['sched', 'rt'],
    ]);
    const xml = build({ disks: [sampleDisk(0, { qos })], nics: [sampleNic(0, { mtu: 9000 })] });
    expect(xml).toContain('<iotune><total_bytes_sec>102400</total_bytes_sec><total_iops_sec>20</total_iops_sec></iotune>');
    expect(xml).toContain('<mtu size="9000"/>');
  });

  it('is connected to Open vSwitch where the bridge is one', () => {
    expect(build({}, { openVswitchBridges: new Set(['xenbr0']) })).toContain('<virtualport type="openvswitch"/>');
  });

  it('takes any text and no device of the host from a client', () => {
    const xml = build({ name: `"><x/>\u0000${'n'.repeat(500)}`, ...platform({ hvm_serial: 'dev:/dev/mem', vga: '<x/>' }) });
    expect(xml).not.toMatch(/<x\/>|path=/);
    expect(xml).toContain('<serial type="pty">');
    expect(build(platform({ hvm_serial: 'none', vga: 'none' }))).not.toContain('<serial');
  });
});
