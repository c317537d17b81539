import type { ClassBehaviour } from '../behaviour.js';
import { createTunnel, destroyTunnel } from '../network/tunnels.js';

/** Networks between hosts that travel inside the packets of another. */
export const tunnel: ClassBehaviour<'tunnel'> = {
  messages: {
    create: ({ api }, transport, network, protocol) => createTunnel(api, transport, network, protocol),
    destroy: ({ api }, self) => destroyTunnel(api, self),
  },
};
