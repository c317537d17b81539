import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, markRefusal } from '../behaviour.js';
import type { Call } from '../call.js';
import { pifsOnHost } from '../network/pif-kind.js';

const STACKS = ['corosync'];
/** Seconds: below these, members would take each other for dead all the time. */
const SHORTEST_TIMEOUT = 1;
const SHORTEST_TIMEOUT_COEFFICIENT = 0.65;

function assertLongEnough(name: string, value: number, shortest: number): void {
  // Whole numbers with their point, as the original writes them.
  if (value < shortest) throw new ApiError('INVALID_VALUE', name, Number.isInteger(value) ? `${value}.` : String(value));
}

function assertTimeouts(timeout: number, coefficient: number): void {
  assertLongEnough('token_timeout', timeout, SHORTEST_TIMEOUT);
  assertLongEnough('token_timeout_coefficient', coefficient, SHORTEST_TIMEOUT_COEFFICIENT);
}

/** What a host of this server answers where no cluster stack is installed, which is everywhere. */
function noStack(): never {
  throw new ApiError('NOT_IMPLEMENTED', 'Cluster.create');
}

const create: Handler<'Cluster', 'create'> = markRefusal(
  ({ api: { db } }: Call, self: Ref<'PIF'>, stack: string, _autoJoin: boolean, timeout: number, coefficient: number): never => {
    if (!STACKS.includes(stack)) throw new ApiError('INVALID_CLUSTER_STACK', stack);
    assertTimeouts(timeout, coefficient);
    const pif = db.get('PIF', self);
    if (!pif.disallow_unplug) throw new ApiError('PIF_ALLOWS_UNPLUG', self);
    if (!pif.currently_attached) throw new ApiError('REQUIRED_PIF_IS_UNPLUGGED', self);
    if (pif.IP === '') throw new ApiError('PIF_HAS_NO_NETWORK_CONFIGURATION', self);
    return noStack();
  },
);

const poolCreate: Handler<'Cluster', 'pool_create'> = markRefusal(
  (call: Call, network: Ref<'network'>, stack: string, timeout: number, coefficient: number): never => {
    const { db } = call.api;
    assertTimeouts(timeout, coefficient);
    const { master } = db.get('pool', call.api.pool);
    const [pif] = pifsOnHost(db, network, master);
    if (!pif) throw new ApiError('INTERNAL_ERROR', `No PIF found for host:${master} and network:${network}`);
    create(call, pif, stack, true, timeout, coefficient);
    return noStack();
  },
);

/** Calls on a cluster: there is none to be found, since none can be made. */
function onCluster(name: string): Handler<'Cluster', 'destroy'> {
  return markRefusal(({ api: { db } }: Call, self: Ref<'Cluster'>): never => {
    db.get('Cluster', self);
    throw new ApiError('NOT_IMPLEMENTED', `Cluster.${name}`);
  });
}

const getNetwork: Handler<'Cluster', 'get_network'> = ({ api: { db } }, self) => {
  const networks = db
    .get('Cluster', self)
    .cluster_hosts.map((member) => db.get('PIF', db.get('Cluster_host', member).PIF).network);
  const [first, ...others] = new Set(networks);
  if (first === undefined) throw new ApiError('INTERNAL_ERROR', `No cluster_hosts found for cluster ${self}`);
  if (others.length) throw new ApiError('INTERNAL_ERROR', `No common network found for cluster ${self}`);
  return first;
};

/** Hosts that watch over each other. No host has the daemon that this takes. */
export const Cluster: ClassBehaviour<'Cluster'> = {
  messages: {
    create,
    pool_create: poolCreate,
    get_network: getNetwork,
    destroy: onCluster('destroy'),
    pool_destroy: onCluster('pool_destroy'),
    pool_force_destroy: onCluster('pool_force_destroy'),
    pool_resync: onCluster('pool_resync'),
    cstack_sync: onCluster('cstack_sync'),
  },
};
