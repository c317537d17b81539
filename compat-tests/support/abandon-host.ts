import { startHost } from '../../test-support/libvirt/host/host.js';

// A process that dies without closing its host: nothing of it may stay.
const host = await startHost();
await new Promise((resolve) => process.stdout.write(`${host.name}\n`, resolve));
process.kill(process.pid, 'SIGKILL');
