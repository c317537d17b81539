import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import type { ClassName } from '../../../model/types.js';
import type { Target } from '../record-class.js';
import type { Reader } from '../row.js';
import { mapText } from '../values/formats.js';
import { INVALID_REFERENCE, NOT_IN_DATABASE, UNKNOWN } from '../values/placeholders.js';
import { isGone } from '../values/references.js';

/** A reader whose value costs a call; its object may have gone since it was listed. */
function called<C extends ClassName>(read: (target: Target<C>) => Promise<string>): Reader<C> {
  return {
    show: async (target) => {
      try {
        return await read(target);
      } catch (error) {
        if (isGone(error)) return INVALID_REFERENCE;
        throw error;
      }
    },
  };
}

/** The same with a text for every way in which the call may fail. */
function calledOr<C extends ClassName>(missing: string, read: (target: Target<C>) => Promise<string>): Reader<C> {
  return {
    show: async (target) => {
      try {
        return await read(target);
      } catch (error) {
        if (error instanceof ApiError) return missing;
        throw error;
      }
    },
  };
}

/** Members that cost a call; none where it fails. */
function calledSet<C extends ClassName>(read: (target: Target<C>) => Promise<readonly string[]>): Reader<C> {
  const members = async (target: Target<C>): Promise<readonly string[]> => {
    try {
      return await read(target);
    } catch (error) {
      if (error instanceof ApiError) return [];
      throw error;
    }
  };
  return { show: async (target) => (await members(target)).join('; '), members };
}

/** Types of SRs that the pool has drivers for. */
export const supportedSrTypes = called<'pool'>(async ({ api }) => (await api.call('SR', 'get_supported_types')).join('; '));

/** What the licences of all hosts together say. */
export const licenseState = called<'pool'>(async ({ api, ref }) => mapText(await api.call('pool', 'get_license_state', ref)));

/** Positions at which a disk could be added. */
export const allowedVbdDevices = calledSet<'VM'>(({ api, ref }) => api.call('VM', 'get_allowed_VBD_devices', ref));

/** Positions at which a network card could be added. */
export const allowedVifDevices = calledSet<'VM'>(({ api, ref }) => api.call('VM', 'get_allowed_VIF_devices', ref));

/** Hosts that the VM could run on. */
export const possibleHosts = called<'VM'>(async ({ api, ref }) => {
  const hosts = await api.call('VM', 'get_possible_hosts', ref);
  return hosts.map((host) => api.uuid('host', host)).join('; ');
});

/** Whether the VM does what its balloon is told. */
export const cooperative = calledOr<'VM'>('true', async ({ api, ref }) => String(await api.call('VM', 'get_cooperative', ref)));

/** Memory that the host could give to VMs, in bytes. */
export const computedFreeMemory = called<'host'>(async ({ api, ref }) =>
  String(await api.call('host', 'compute_free_memory', ref)),
);

/** How many more virtual functions there are. */
export const remainingCapacity = calledOr<'network_sriov'>(UNKNOWN, async ({ api, ref }) =>
  String(await api.call('network_sriov', 'get_remaining_capacity', ref)),
);

/** What a virtual TPM holds, as far as it may be shown. */
export const vtpmSecret = called<'VTPM'>(async ({ api, ref }) => {
  const contents = await api.call('VTPM', 'get_contents', ref);
  return `MD5=${createHash('md5').update(contents).digest('hex')} size=${Buffer.byteLength(contents)} bytes`;
});

/** Whether the disk could be attached now, else the reason. */
export const attachable: Reader<'VBD'> = {
  show: async ({ api, ref }) => {
    try {
      await api.call('VBD', 'assert_attachable', ref);
      return 'true';
    } catch (error) {
      if (error instanceof ApiError) return `false (error: Server_error(${error.code}, [ ${error.params.join('; ')} ]))`;
      throw error;
    }
  },
};

/** The pool whose metadata a disk holds: this one, or the one that is read from it. */
export const metadataOfPool: Reader<'VDI'> = {
  show: ({ api, ref, record }) => {
    const [pool] = api.records('pool');
    if (pool && pool[0] === record.fields.metadata_of_pool) return pool[1].fields.uuid;
    return foreignPool.show({ api, ref, record });
  },
};

const foreignPool = calledOr<'VDI'>(NOT_IN_DATABASE, async ({ api, ref }) => {
  const uuid = await api.call('VDI', 'read_database_pool_uuid', ref);
  return uuid === '' ? NOT_IN_DATABASE : uuid;
});
