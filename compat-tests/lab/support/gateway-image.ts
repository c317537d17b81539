import { readFile } from 'node:fs/promises';
import type { Xapi } from 'xen-api';
import { PASSWORD } from '../../../test-support/daemon.js';
import { furtherImageIn, makeFurtherImage } from '../../../test-support/lab-machine/further-image.js';
import { type LabImage, prepareLabImage } from '../../../test-support/lab-machine/image/image.js';
import { daemonFiles, daemonPrograms, HTTP, startDaemon } from '../../../test-support/lab-machine/inside/daemon.js';
import { copyFiles } from '../../../test-support/lab-machine/inside/files.js';
import type { LabMachine } from '../../../test-support/lab-machine/lab-machine.js';
import { type Guest, prepareGuest } from '../../../test-support/libvirt/guest/guest.js';
import { madeOnce } from '../../../test-support/libvirt/made-once.js';
import { onlyCached, told } from '../../kvm/support/client-cache.js';
import { connector } from '../../kvm/support/gateway.js';

/** Milliseconds between two looks for events: each takes time of the machine's only processor. */
export const DEBOUNCE = 200;

/** Milliseconds in which clients have heard of what has happened in the machine. */
export const SOON = 30_000;

/** Where the gateway takes kernels of guests from. */
export const KERNEL = { file: '/boot/guest/vmlinuz', ramdisk: '/boot/guest/initrd' };

/** Size in MiB of a disk for all files that are brought: they take 150. */
const FILES = 512;

/** Name of the guest's disk. */
const NAME = 'the guest';

/** What is in the image besides the daemon, and what brings it there. */
const SOURCES = [
  'package.json',
  'package-lock.json',
  'test-support/lab-machine/inside/daemon.ts',
  'test-support/lab-machine/inside/files.ts',
  'test-support/lab-machine/inside/service.ts',
  'test-support/lab-machine/scripts/start-service.sh',
  'test-support/lab-machine/further-image.ts',
  'test-support/lab-machine/lab-machine.ts',
  'compat-tests/lab/support/gateway-image.ts',
];

/**
 * Makes the image of a lab machine in which the gateway has been started, serves, and has the guest's disk, unless it was made before from
 * the same compiled daemon; takes a minute then, and a few milliseconds otherwise.
 *
 * Gateways of machines that come from it draw the same random numbers: what draws them in the process does not learn that there are several.
 * So they have the same UUIDs, and give the same names to sessions; no two of them ever meet, as no machine reaches another one.
 */
export async function prepareGatewayImage(): Promise<LabImage> {
  const [lab, guest] = [await prepareLabImage(), await prepareGuest()];
  const directory = await madeOnce({
    kind: 'lab-gateway',
    sources: [...SOURCES, ...(await daemonPrograms())],
    circumstances: [lab.state, guest.disk, process.version, PASSWORD],
    // Each takes about a gigabyte.
    kept: 1,
    make: (made) => makeFurtherImage(made, lab, (machine) => furnish(machine, guest)),
  });
  return furtherImageIn(directory, lab);
}

async function furnish(machine: LabMachine, { kernel, initrd, disk }: Guest): Promise<void> {
  await copyFiles(machine, FILES, { ...(await daemonFiles()), [KERNEL.file]: kernel, [KERNEL.ramdisk]: initrd });
  const { http } = await startDaemon(machine);
  const xapi = await connector(http, DEBOUNCE);
  await bringGuest(xapi, await readFile(disk));
  await xapi.disconnect();
  // Nobody would close what the client has left open, and a new connection could be taken for an old one.
  await machine.run('ss', ['--kill', '--tcp', 'state', 'established', 'sport', '=', `:${HTTP}`]);
}

/** Sends the guest's disk to the local SR, as users do. */
async function bringGuest(xapi: Xapi, image: Buffer): Promise<void> {
  const sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' });
  const query = { sr_id: sr.$ref, format: 'qcow2', name_label: NAME };
  await xapi.putResource(image, '/import_raw_vdi', { query });
  await told(xapi, 'VDI', { SR: sr.$ref, name_label: NAME, current_operations: {} }, SOON);
}

/** The guest's disk, in a gateway of this image. */
export function guestDiskOf(xapi: Xapi): string {
  return onlyCached(xapi, 'VDI', { name_label: NAME }).$ref;
}
