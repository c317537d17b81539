/** Names of bits as the kernel calls them, lowest first; `-` for one that it does not name. */
const words = (text: string): readonly string[] => text.split(' ');

/**
 * Registers of CPUID in the order in which a host's feature text has them: leaf 1 EDX and ECX, extended leaf 1 EDX and ECX, leaf 0xD.1 EAX,
 * leaf 7 EBX. Bits as Intel's and AMD's manuals number them.
 */
const REGISTERS: readonly (readonly string[])[] = [
  words(
    'fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe',
  ),
  words(
    'pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt ' +
      'tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor',
  ),
  words('- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow'),
  words(
    'lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr - ' +
      'tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc mwaitx - -',
  ),
  words('xsaveopt xsavec xgetbv1 xsaves'),
  words(
    'fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - ' +
      'clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl',
  ),
];

/** The flags of a processor as words of eight hexadecimal digits, one for each register. */
export function featureWords(flags: readonly string[]): string {
  const there = new Set(flags);
  return REGISTERS.map((names) => {
    const value = names.reduce((sum, name, bit) => (there.has(name) ? sum + 2 ** bit : sum), 0);
    return value.toString(16).padStart(8, '0');
  }).join('-');
}
