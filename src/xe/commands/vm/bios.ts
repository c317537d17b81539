import type { Command } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { refOf } from '../support.js';

/** What firmware shows that tells nothing of a host. */
const GENERIC_TEXTS: ReadonlySet<string> = new Set(['', 'Xen', 'HVM domU']);

/** Texts that the firmware of VMs shows to guests. */
export const biosCommands: readonly Command[] = [
  {
    name: 'vm-copy-bios-strings',
    required: ['host-uuid'],
    optional: [],
    selectors: 'vm',
    description: 'Has the firmware of VMs show what that of a host does. That is done once for a VM and lasts.',
    async run(context) {
      const host = refOf(context, 'host', 'host-uuid');
      await onVms(context, ({ ref }) => context.api.call('VM', 'copy_bios_strings', ref, host));
    },
  },
  {
    name: 'vm-is-bios-customized',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Tells whether the firmware of VMs shows what that of a host does.',
    async run(context) {
      await onVms(context, ({ record }) => context.printer.message(sentence(record.fields.bios_strings)));
    },
  },
];

function sentence(texts: ReadonlyMap<string, string>): string {
  if (texts.size === 0) return 'The texts of the firmware of this VM are not set yet.';
  return [...texts.values()].every((text) => GENERIC_TEXTS.has(text))
    ? 'The firmware of this VM is not customized.'
    : 'The firmware of this VM is customized.';
}
