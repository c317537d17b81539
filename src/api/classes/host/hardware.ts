import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import { storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

type Display = EnumValue<'host_display'>;

/** The screen only changes with the next boot; until then a wish can be taken back. */
const ENABLED: { readonly [D in Display]: Display } = {
  enabled: 'enabled',
  disable_on_reboot: 'enabled',
  disabled: 'enable_on_reboot',
  enable_on_reboot: 'enable_on_reboot',
};
const DISABLED: { readonly [D in Display]: Display } = {
  enabled: 'disable_on_reboot',
  disable_on_reboot: 'disable_on_reboot',
  disabled: 'disabled',
  enable_on_reboot: 'disabled',
};

function setDisplay({ api }: Call, host: Ref<'host'>, next: { readonly [D in Display]: Display }): Display {
  reach(api, host);
  const display = next[api.db.get('host', host).display];
  api.db.set('host', host, { display });
  return display;
}

/** Number of the deepest sleep state, maybe with that of a part of it: `1`, `1,2`; empty for no limit. */
const CSTATE = /^(?:|(\d{1,3})(?:,\d{1,3})?)$/;

/** Screen, processors and power saving. */
export const hardwareMessages: HostMessages = {
  enable_display: storedOnly((call, host) => setDisplay(call, host, ENABLED)),
  disable_display: storedOnly((call, host) => setDisplay(call, host, DISABLED)),
  set_max_cstate: storedOnly(({ api }, self, value) => {
    reach(api, self);
    const match = CSTATE.exec(value);
    if (!match) throw new ApiError('INVALID_VALUE', 'max_cstate', value);
    if (match[1] !== undefined && Number(match[1]) > 1)
      throw new ApiError('VALUE_NOT_SUPPORTED', 'max_cstate', value, 'only 0, 1 and no limit are supported');
    api.db.set('host', self, { max_cstate: value });
  }),
  // Guests get single processors here, never whole cores.
  get_sched_gran: ({ api }, self) => {
    reach(api, self);
    return 'cpu';
  },
  set_sched_gran: ({ api }, self, value) => {
    reach(api, self);
    if (value !== 'cpu') throw new ApiError('VALUE_NOT_SUPPORTED', 'sched_gran', value, 'processors are handed out one by one');
  },
  set_numa_affinity_policy: storedOnly(({ api }, self, policy) => {
    reach(api, self);
    api.db.set('host', self, { numa_affinity_policy: policy });
  }),
};
