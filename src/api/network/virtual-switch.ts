import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/** Throws OPENVSWITCH_NOT_ACTIVE for a host whose bridges are not those of the virtual switch. */
export function assertVirtualSwitch({ db, persona }: Api, host: Ref<'host'>): void {
  const backend = db.get('host', host).software_version.get('network_backend') ?? persona.softwareVersion.network_backend;
  if (backend !== 'openvswitch') throw new ApiError('OPENVSWITCH_NOT_ACTIVE');
}
