import { attachable } from '../readers/calls.js';
import { vbdReads, vbdWrites } from '../readers/data-sources.js';
import { vdiName } from '../readers/fields.js';
import type { ClassTable } from '../row.js';

/** Fields of `vbd`. */
export const vbd: ClassTable<'VBD'> = {
  name: 'vbd',
  of: 'VBD',
  shown: ['uuid', 'vm-uuid', 'vm-name-label', 'vdi-uuid', 'empty', 'device'],
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'vdi-uuid', from: 'VDI' },
    { name: 'vdi-name-label', read: vdiName },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
    { name: 'empty' },
    { name: 'device' },
    { name: 'userdevice', set: true },
    { name: 'bootable', set: true },
    { name: 'mode', set: true },
    { name: 'type', set: true },
    { name: 'unpluggable', set: true },
    { name: 'currently-attached' },
    { name: 'attachable', read: attachable, expensive: true },
    { name: 'storage-lock' },
    { name: 'status-code' },
    { name: 'status-detail' },
    { name: 'qos_algorithm_type', set: true },
    { name: 'qos_algorithm_params', add: true },
    { name: 'qos_supported_algorithms' },
    { name: 'other-config', add: true },
    { name: 'io_read_kbs', read: vbdReads, expensive: true },
    { name: 'io_write_kbs', read: vbdWrites, expensive: true },
  ],
};
