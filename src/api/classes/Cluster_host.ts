import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, markRefusal } from '../behaviour.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';

const create: Handler<'Cluster_host', 'create'> = markRefusal(
  ({ api: { db } }: Call, cluster: Ref<'Cluster'>, host: Ref<'host'>, pif: Ref<'PIF'>): never => {
    db.get('Cluster', cluster);
    if (!db.get('host', host).PIFs.includes(pif)) throw new ApiError('PIF_NOT_ATTACHED_TO_HOST', pif, host);
    throw new ApiError('NOT_IMPLEMENTED', 'Cluster_host.create');
  },
);

/** Calls that the cluster stack of the host would have to answer. */
function onMember(name: string, operation?: 'enable' | 'disable'): Handler<'Cluster_host', 'enable'> {
  return markRefusal(({ api }: Call, self: Ref<'Cluster_host'>): never => {
    api.db.get('Cluster_host', self);
    if (operation) api.operations.assert(target('Cluster_host', self, operation));
    throw new ApiError('NOT_IMPLEMENTED', `Cluster_host.${name}`);
  });
}

const destroy: Handler<'Cluster_host', 'destroy'> = markRefusal(({ api: { db } }: Call, self: Ref<'Cluster_host'>): never => {
  const { enabled, cluster } = db.get('Cluster_host', self);
  if (!enabled) throw new ApiError('CLUSTERING_DISABLED', self);
  if (db.get('Cluster', cluster).cluster_hosts.length === 1) throw new ApiError('CLUSTER_HOST_IS_LAST', self);
  throw new ApiError('NOT_IMPLEMENTED', 'Cluster_host.destroy');
});

/** Members of a cluster. */
export const Cluster_host: ClassBehaviour<'Cluster_host'> = {
  messages: {
    create,
    destroy,
    enable: onMember('enable', 'enable'),
    disable: onMember('disable', 'disable'),
    force_destroy: onMember('force_destroy'),
    forget: onMember('forget'),
  },
};
