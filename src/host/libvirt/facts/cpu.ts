import type { CpuFacts } from '../../host.js';
import { featureWords } from './cpu-features.js';
import type { PseudoFiles } from './pseudo-files.js';

/** What the kernel says of the host's processors. */
export async function cpuFacts(files: PseudoFiles): Promise<CpuFacts> {
  const processors = (await files.text('/proc/cpuinfo')).split('\n\n').map(fieldsOf);
  const [first = new Map<string, string>()] = processors;
  const number = (name: string): number => Number(first.get(name)) || 0;
  const flags = (first.get('flags') ?? '').split(' ').filter((flag) => flag !== '');
  return {
    vendor: first.get('vendor_id') ?? '',
    model: first.get('model name') ?? '',
    speedMhz: number('cpu MHz'),
    family: number('cpu family'),
    modelNumber: number('model'),
    stepping: number('stepping'),
    flags: flags.join(' '),
    features: featureWords(flags),
    ...topology(processors),
  };
}

/** Counts so that sockets × cores × threads is the number of logical CPUs, also on hosts that are not regular. */
function topology(
  processors: readonly ReadonlyMap<string, string>[],
): Pick<CpuFacts, 'sockets' | 'coresPerSocket' | 'threadsPerCore'> {
  const logical = Math.max(1, processors.filter((fields) => fields.has('processor')).length);
  const sockets = new Set(processors.map((fields) => fields.get('physical id') ?? '0')).size;
  const cores = new Set(
    processors.map((fields) => `${fields.get('physical id') ?? '0'}/${fields.get('core id') ?? fields.get('processor')}`),
  ).size;
  if (logical % cores === 0 && cores % sockets === 0)
    return { sockets, coresPerSocket: cores / sockets, threadsPerCore: logical / cores };
  return { sockets: 1, coresPerSocket: logical, threadsPerCore: 1 };
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split('\n').flatMap((line) => {
      const at = line.indexOf(':');
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}
