import { ApiError } from '../../../model/error.js';
import { assertCanBootHere } from '../../placement/can-boot-here.js';
import { freeMemory, hostMemories } from '../../placement/memory.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** How much memory a host has to give. Bytes. */
export const memoryMessages: HostMessages = {
  compute_free_memory: ({ api: { db } }, host) => {
    const memory = hostMemories(db).get(host);
    if (!memory) throw new ApiError('HANDLE_INVALID', 'host', host);
    return freeMemory(memory);
  },
  compute_memory_overhead: ({ api }, host) => {
    api.db.get('host', host);
    return reach(api, host).facts.memoryOverhead;
  },
  allocate_resources_for_vm: ({ api }, self, vm) => {
    assertCanBootHere(api, vm, self);
    api.db.set('VM', vm, { scheduled_to_be_resident_on: self });
  },
};
