import type { TextMap } from './persona.js';

/** One ordinary server processor for all hosts, so that they are alike and VMs may move between them. */
const PROCESSOR: TextMap = {
  vendor: 'GenuineIntel',
  speed: '2394.374',
  modelname: 'Intel(R) Xeon(R) Silver 4210R CPU @ 2.40GHz',
  family: '6',
  model: '85',
  stepping: '7',
  flags:
    'fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush acpi mmx fxsr sse sse2 ss ht syscall nx constant_tsc rep_good nopl nonstop_tsc eagerfpu pni pclmulqdq monitor est ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm 3dnowprefetch fsgsbase bmi1 avx2 bmi2 erms rdseed adx clflushopt',
};

/** Feature words of paravirtual and of full guests. */
const FEATURES_PV = '17c9cbf5-f6f83203-2191cbf5-00000023-00000001-00000329-00000000-00000000-00001000-8c000400';
const FEATURES_HVM = '1fcbfbff-f7fa3223-2d93fbff-00000423-00000001-000007ab-00000000-00000000-00001000-9c000400';

/** host.cpu_info without counts, as versions 7.0 to 8.2 write it. */
export const CPU_INFO_8_2: TextMap = {
  ...PROCESSOR,
  features: FEATURES_HVM,
  features_pv: FEATURES_PV,
  features_hvm: FEATURES_HVM,
};

/** host.cpu_info without counts, as the latest versions write it: what a host has is told apart from what a pool uses. */
export const CPU_INFO_8_3: TextMap = {
  ...PROCESSOR,
  features_pv: FEATURES_PV,
  features_hvm: FEATURES_HVM,
  features_hvm_host: FEATURES_HVM,
  features_pv_host: FEATURES_PV,
};

/** The four words of old versions. They could be masked until the next boot, hence the copies. */
const FEATURES_XCP = '0098e3fd-bfebfbff-00000001-28100800';

/** host.cpu_info without counts, as XCP writes it. */
export const CPU_INFO_XCP: TextMap = {
  ...PROCESSOR,
  features: FEATURES_XCP,
  features_after_reboot: FEATURES_XCP,
  physical_features: FEATURES_XCP,
  maskable: 'full',
};
