import type { RecordVersion } from '../../../model/record.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Reader } from '../row.js';

/** Printed when hosts differ in what should be the same on all of them. */
const INCONSISTENT = '<inconsistent>';

function hostsOf(api: ApiClient): readonly RecordVersion<'host'>[] {
  return [...api.records('host').values()];
}

function shared(read: (host: RecordVersion<'host'>) => unknown): Reader<'pool'> {
  return {
    show: ({ api }) => {
      const values = new Set(hostsOf(api).map((host) => String(read(host))));
      const [first] = values;
      return first !== undefined && values.size === 1 ? first : INCONSISTENT;
    },
  };
}

/** Whether every host refuses plain HTTP. */
export const httpsOnlyEverywhere: Reader<'pool'> = {
  show: ({ api }) => String(hostsOf(api).every((host) => host.fields.https_only)),
};

/** Whether SSH is on, on all hosts. */
export const sshEnabled = shared((host) => host.fields.ssh_enabled);

/** Seconds until SSH turns itself off, on all hosts. */
export const sshEnabledTimeout = shared((host) => host.fields.ssh_enabled_timeout);

/** When SSH turns itself off, on all hosts. */
export const sshExpiry = shared((host) => host.fields.ssh_expiry);

/** Seconds until an idle console is logged out, on all hosts. */
export const consoleIdleTimeout = shared((host) => host.fields.console_idle_timeout);

/** Whether SSH is on only when the API is not there, on all hosts. */
export const sshAutoMode = shared((host) => host.fields.ssh_auto_mode);
