import type { ClassName } from '../../../model/types.js';
import type { Target } from '../record-class.js';
import type { Reader } from '../row.js';
import { NOT_IN_DATABASE } from '../values/placeholders.js';
import { recordOf, uuidText } from '../values/references.js';

/** A virtual switch controller, or that there is none. */
export const vswitchController: Reader<'pool'> = {
  show: ({ record }) => record.fields.vswitch_controller || '<not set>',
};

/** Disks that hold the state of high availability: their references are kept as text. */
export const statefiles: Reader<'pool' | 'host'> = {
  show: ({ api, record }) => record.fields.ha_statefiles.map((ref) => uuidText(api, 'VDI', ref)).join('; '),
};

/** Speed of a network card. */
export const pifSpeed: Reader<'PIF'> = {
  show: (target) => {
    const metrics = pifMetrics(target);
    return metrics ? `${metrics.speed} Mbit/s` : NOT_IN_DATABASE;
  },
};

/** Whether a network card sends and receives at the same time; without a link nobody can tell. */
export const pifDuplex: Reader<'PIF'> = {
  show: (target) => {
    const metrics = pifMetrics(target);
    if (!metrics) return NOT_IN_DATABASE;
    return metrics.duplex ? 'full' : metrics.carrier ? 'half' : 'unknown';
  },
};

function pifMetrics({ api, record }: Target<'PIF'>) {
  return recordOf(api, 'PIF_metrics', record.fields.metrics)?.fields;
}

/** The record that a VM was started with, in quotes because it has commas and line ends. */
export const lastBootRecord: Reader<'VM'> = {
  show: ({ record }) => `'${record.fields.last_booted_record}'`,
};

/** Name of the disk in a drive, or that the drive is empty. */
export const vdiName: Reader<'VBD'> = {
  show: ({ api, record: { fields } }) =>
    fields.empty ? '<EMPTY>' : (recordOf(api, 'VDI', fields.VDI)?.fields.name_label ?? NOT_IN_DATABASE),
};

/** Name of the host that an SR is connected to, where it is one host. */
export const srHost: Reader<'SR'> = {
  show: ({ api, record }) => {
    const [first, ...others] = record.fields.PBDs;
    if (others.length) return '<shared>';
    const pbd = first === undefined ? undefined : recordOf(api, 'PBD', first);
    return (pbd && recordOf(api, 'host', pbd.fields.host)?.fields.name_label) ?? NOT_IN_DATABASE;
  },
};

/** Metadata of a virtual GPU, whose values are too long to be shown. */
export const compatibilityMetadata: Reader<'VGPU'> = {
  show: ({ record }) =>
    Array.from(record.fields.compatibility_metadata, ([key, value]) => `${key}:(${Buffer.byteLength(value)} bytes)`).join('; '),
};

/** The largest screen of a type of virtual GPU. */
export const maxResolution: Reader<'VGPU_type'> = {
  show: ({ record: { fields } }) => `${fields.max_resolution_x}x${fields.max_resolution_y}`,
};

/** Limit of a caller, as the reference that it is. */
export const rateLimitRef: Reader<'Caller'> = {
  show: ({ record }) => record.fields.rate_limit,
};

/** Callers under a limit, as the references that they are. */
export const callerRefs: Reader<'Rate_limit'> = opaque((target) => target.record.fields.callers);

function opaque<C extends ClassName>(members: (target: Target<C>) => readonly string[]): Reader<C> {
  return { show: (target) => members(target).join('; '), members };
}
