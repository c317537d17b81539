import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SrGateway } from '../../sr-life/sr-gateway.js';
import { BOOT_STEP } from '../../sr-life/steps.js';
import { onlyCached, SOON, told } from './client-cache.js';
import type { KvmGateway } from './gateway.js';
import { readInGuest, writeInGuest } from './guest-files.js';
import { imageDirectory, leftovers } from './leftovers.js';
import { addCard, guestUp } from './virtual-machine.js';

/** Size of the test guest's disk, in bytes. */
const GUEST_DISK = 64 * 2 ** 20;

/** A gateway on a host of this machine, as the lives of SRs see it. */
export function hostSrGateway(gateway: KvmGateway): SrGateway {
  let guestDisk: Promise<string> | undefined;
  return {
    get xapi() {
      return gateway.xapi;
    },
    soon: SOON,
    guestDisk: () => (guestDisk ??= bringGuest(gateway)),
    guestImage: () => readFile(gateway.guest.disk),
    furnish: async (vm) => void (await addCard(gateway.xapi, vm, '0')),
    guestUp: async (vm) => void (await guestUp(gateway.xapi, vm, BOOT_STEP)),
    write: (domain, path, text) => writeInGuest(gateway.host, domain, path, text),
    read: (domain, path) => readInGuest(gateway.host, domain, path),
    leftovers: () => leftovers(gateway),
    crashAndStart: () => gateway.crashAndStart(),
  };
}

/** Puts the guest's disk beside those of the local SR, where a scan finds it. */
async function bringGuest({ xapi, host, guest }: KvmGateway): Promise<string> {
  const local = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
  await copyFile(guest.disk, join(imageDirectory(host), 'guest.qcow2'));
  await xapi.callAsync('SR.scan', local);
  return (await told(xapi, 'VDI', { SR: local, virtual_size: GUEST_DISK })).$ref;
}
