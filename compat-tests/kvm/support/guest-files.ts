import { askAgent } from '../../../test-support/libvirt/guest-domain.js';
import type { LabHost } from '../../../test-support/libvirt/host/host.js';

/** Where virsh is run that reaches the domain. */
type Host = Pick<LabHost, 'virsh'>;

/** Longest file that is read, in bytes. */
const LONGEST = 4096;

/** Writes a small file inside a running guest. */
export async function writeInGuest(host: Host, domain: string, path: string, text: string): Promise<void> {
  const handle = await askAgent(host, domain, 'guest-file-open', { path, mode: 'w' });
  await askAgent(host, domain, 'guest-file-write', { handle, 'buf-b64': Buffer.from(text).toString('base64') });
  await askAgent(host, domain, 'guest-file-close', { handle });
  // What is frozen is on the disk before.
  await askAgent(host, domain, 'guest-fsfreeze-freeze');
  await askAgent(host, domain, 'guest-fsfreeze-thaw');
}

/** Reads a small file inside a running guest. */
export async function readInGuest(host: Host, domain: string, path: string): Promise<string> {
  const handle = await askAgent(host, domain, 'guest-file-open', { path, mode: 'r' });
  const answer = await askAgent(host, domain, 'guest-file-read', { handle, count: LONGEST });
  await askAgent(host, domain, 'guest-file-close', { handle });
  if (typeof answer !== 'object' || answer === null || !('buf-b64' in answer)) throw new Error(`odd answer: ${String(answer)}`);
  return Buffer.from(String(answer['buf-b64']), 'base64').toString();
}

/** Changes with every boot of a guest, and with nothing else. */
export async function bootId(host: Host, domain: string): Promise<string> {
  return (await readInGuest(host, domain, '/proc/sys/kernel/random/boot_id')).trim();
}
