import { cpuUtilisation } from '../readers/data-sources.js';
import type { ClassTable } from '../row.js';

/** Fields of `host-cpu`. */
export const hostCpu: ClassTable<'host_cpu'> = {
  name: 'host-cpu',
  of: 'host_cpu',
  shown: ['uuid', 'number', 'vendor', 'speed', 'utilisation'],
  rows: [
    { name: 'uuid' },
    { name: 'host-uuid', from: 'host' },
    { name: 'number' },
    { name: 'vendor' },
    { name: 'speed' },
    { name: 'model' },
    { name: 'family' },
    { name: 'modelname' },
    { name: 'stepping' },
    { name: 'flags' },
    { name: 'utilisation', read: cpuUtilisation, expensive: true },
  ],
};

/** Fields of `host-crashdump`. */
export const hostCrashdump: ClassTable<'host_crashdump'> = {
  name: 'host-crashdump',
  of: 'host_crashdump',
  shown: ['uuid', 'timestamp', 'size'],
  rows: [{ name: 'uuid' }, { name: 'host-uuid', from: 'host' }, { name: 'timestamp' }, { name: 'size' }],
};

/** Fields of `crashdump`, which only the listing of a VM's crash dumps shows. */
export const crashdump: ClassTable<'crashdump'> = {
  name: 'crashdump',
  of: 'crashdump',
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'vdi-uuid', from: 'VDI' },
  ],
};
