import type { TemplateSettings } from './define.js';

/** Every way in which a Linux distribution is installed. */
const linuxInstaller = { linux_template: 'true', 'install-methods': 'cdrom,nfs,http,ftp' };

/** What templates have in common. */
export const templateBases: { readonly [name: string]: TemplateSettings } = {
  linux: {
    vcpus: 1,
    boot: { order: 'cdn', firmware: 'bios' },
    platform: {
      vga: 'std',
      videoram: '8',
      viridian: 'false',
      device_id: '0001',
      'device-model': 'qemu-upstream-compat',
      secureboot: 'false',
    },
    otherConfig: linuxInstaller,
    disks: [{ size: '10G', bootable: true }],
    limits: { memory: '1536G', vcpusMax: 64 },
    allows: { gpu: true, vgpu: true, sriov: true },
    supports: { bios: true, uefi: false, secureBoot: false },
  },

  'linux-uefi': {
    from: 'linux',
    boot: { order: 'cdn', firmware: 'uefi' },
    platform: { 'device-model': null, secureboot: 'auto' },
    supports: { bios: true, uefi: true, secureBoot: true },
  },

  paravirtual: {
    memory: '512M',
    vcpus: 1,
    bootloader: 'eliloader',
    domainType: 'pv_in_pvh',
    otherConfig: linuxInstaller,
    disks: [{ size: '8G', bootable: true }],
    limits: { memory: '128G', vcpusMax: 32 },
  },

  'red-hat': {
    from: 'paravirtual',
    kernelArguments: 'graphical utf8',
    otherConfig: { 'install-distro': 'rhlike' },
  },
  'red-hat-5': { from: 'red-hat', otherConfig: { rhel5: 'true' } },
  'red-hat-6': { from: 'red-hat', otherConfig: { rhel6: 'true' } },
  'red-hat-6-32bit': { from: 'red-hat-6', limits: { memory: '16G' } },

  'suse-11': {
    from: 'paravirtual',
    kernelArguments: 'console=ttyS0 xencons=ttyS',
    otherConfig: { 'install-distro': 'sleslike', 'install-arch': 'x86_64' },
  },
  'suse-11-32bit': { from: 'suse-11', otherConfig: { 'install-arch': 'i386' }, limits: { memory: '16G' } },
  'suse-12': { from: 'suse-11', kernelArguments: 'console=hvc0 xencons=hvc' },

  windows: {
    vcpus: 2,
    boot: { order: 'cd', firmware: 'uefi' },
    platform: {
      'cores-per-socket': '2',
      device_id: '0002',
      viridian: 'true',
      viridian_time_ref_count: 'true',
      viridian_reference_tsc: 'true',
      viridian_apic_assist: 'true',
      viridian_crash_ctl: 'true',
      viridian_stimer: 'true',
      secureboot: 'auto',
      vga: 'std',
      videoram: '8',
    },
    otherConfig: { 'install-methods': 'cdrom' },
    disks: [{ size: '32G', bootable: false }],
    hasVendorDevice: true,
    generationId: '0:0',
    limits: { memory: '1536G', vcpusMin: 2, vcpusMax: 64 },
    supports: { bios: true, uefi: true, secureBoot: true },
  },
  'windows-server': { from: 'windows', allows: { sriov: true } },
};
