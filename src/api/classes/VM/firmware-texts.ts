import { ApiError } from '../../../model/error.js';
import type { VmMessages } from './messages.js';

/** Longest text that the virtual firmware can show. */
const LONGEST = 512;

/** What firmware shows that says nothing of the host: only these keys can be set. */
const GENERIC: ReadonlyMap<string, string> = new Map([
  ['bios-vendor', 'Xen'],
  ['bios-version', ''],
  ['system-manufacturer', 'Xen'],
  ['system-product-name', 'HVM domU'],
  ['system-version', ''],
  ['system-serial-number', ''],
  ['baseboard-manufacturer', ''],
  ['baseboard-product-name', ''],
  ['baseboard-version', ''],
  ['baseboard-serial-number', ''],
  ['baseboard-asset-tag', ''],
  ['baseboard-location-in-chassis', ''],
  ['enclosure-asset-tag', ''],
]);

/** Goes into every VM; nobody sets it. */
const FIXED: ReadonlyMap<string, string> = new Map([['hp-rombios', '']]);

/** Texts of the virtual firmware. They are set once: guests tie licences to them. */
export const firmwareTexts: VmMessages = {
  set_bios_strings: ({ api }, self, value) => {
    if (api.db.get('VM', self).bios_strings.size) throw new ApiError('VM_BIOS_STRINGS_ALREADY_SET');
    for (const [key, text] of value) check(key, text);
    api.db.set('VM', self, { bios_strings: new Map([...GENERIC, ...value, ...FIXED]) });
  },
  copy_bios_strings: ({ api }, vm, host) => {
    if (api.db.get('VM', vm).bios_strings.size) throw new ApiError('VM_BIOS_STRINGS_ALREADY_SET');
    const { bios_strings: texts } = api.db.get('host', host);
    // The VM is then to start on that host if it can.
    api.db.set('VM', vm, { bios_strings: texts, affinity: host });
  },
};

function check(key: string, text: string): void {
  if (!GENERIC.has(key)) throw new ApiError('INVALID_VALUE', key, 'unknown key');
  if (text === '') throw new ApiError('INVALID_VALUE', key, 'the text is empty');
  if (Buffer.byteLength(text) > LONGEST) throw new ApiError('INVALID_VALUE', key, `the text is longer than ${LONGEST} bytes`);
  if (!/^[\x20-\x7e]*$/.test(text)) throw new ApiError('INVALID_VALUE', key, `${text} has characters outside printable ASCII`);
}
