import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Target } from '../record-class.js';
import type { Reader } from '../row.js';
import { fixed } from '../values/float-text.js';
import { mapText } from '../values/formats.js';
import { UNKNOWN } from '../values/placeholders.js';
import { recordOf } from '../values/references.js';

const KIB = 1024;

function hostSource(api: ApiClient, host: Ref<'host'>, name: string): Promise<number> {
  return api.call('host', 'query_data_source', host, name);
}

function vmSource(api: ApiClient, vm: Ref<'VM'>, name: string): Promise<number> {
  return api.call('VM', 'query_data_source', vm, name);
}

/** A measured value; whatever is not measured at the moment is unknown. */
function measured<C extends ClassName>(read: (target: Target<C>) => Promise<number>, unit = 1): Reader<C> {
  return {
    show: async (target) => {
      try {
        return fixed((await read(target)) / unit, 3);
      } catch (error) {
        if (error instanceof ApiError) return UNKNOWN;
        throw error;
      }
    },
  };
}

function pifRate(direction: 'rx' | 'tx'): Reader<'PIF'> {
  return measured(({ api, record: { fields } }) => hostSource(api, fields.host, `pif_${fields.device}_${direction}`), KIB);
}

function vifRate(direction: 'rx' | 'tx'): Reader<'VIF'> {
  return measured(({ api, record: { fields } }) => vmSource(api, fields.VM, `vif_${fields.device}_${direction}`), KIB);
}

function vbdRate(direction: 'read' | 'write'): Reader<'VBD'> {
  return measured(({ api, record: { fields } }) => vmSource(api, fields.VM, `vbd_${fields.device}_${direction}`), KIB);
}

/** KiB that come in through a physical network card, per second. */
export const pifReads = pifRate('rx');

/** KiB that go out through a physical network card, per second. */
export const pifWrites = pifRate('tx');

/** KiB that a VM receives, per second. */
export const vifReads = vifRate('rx');

/** KiB that a VM sends, per second. */
export const vifWrites = vifRate('tx');

/** KiB read from a disk, per second. */
export const vbdReads = vbdRate('read');

/** KiB written to a disk, per second. */
export const vbdWrites = vbdRate('write');

/** How busy a processor of a host is, from 0 to 1. */
export const cpuUtilisation = measured<'host_cpu'>(({ api, record: { fields } }) =>
  hostSource(api, fields.host, `cpu${fields.number}`),
);

/** Bytes that the balloon of a VM aims at; 0 while it does not run. */
export const memoryTarget: Reader<'VM'> = {
  show: async ({ api, ref }) => {
    try {
      return String(Math.trunc(await vmSource(api, ref, 'memory_target')));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.code === 'VM_BAD_POWER_STATE' ? '0' : UNKNOWN;
    }
  },
};

/** How busy each virtual processor is, from 0 to 1. */
export const vcpusUtilisation: Reader<'VM'> = {
  show: async (target) => mapText(await vcpuEntries(target)),
  entries: vcpuEntries,
};

async function vcpuEntries({ api, ref, record }: Target<'VM'>): Promise<ReadonlyMap<string, string>> {
  const entries = new Map<string, string>();
  const metrics = recordOf(api, 'VM_metrics', record.fields.metrics);
  try {
    for (let number = 0; number < (metrics?.fields.VCPUs_number ?? 0); number++)
      entries.set(String(number), fixed(await vmSource(api, ref, `cpu${number}`), 3));
  } catch (error) {
    if (error instanceof ApiError) return new Map();
    throw error;
  }
  return entries;
}
