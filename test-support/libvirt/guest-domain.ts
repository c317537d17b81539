import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest/guest.js';
import type { LabHost } from './host/host.js';
import { BRIDGE } from './host/network.js';

/** A domain that runs the test guest. */
export interface GuestDomain {
  readonly name: string;
  readonly uuid?: string;
  /** Memory in MiB. */
  readonly memory?: number;
  /** Path of a qcow2 disk that it boots from. Without one it boots from the guest's kernel and has no disk. */
  readonly disk?: string;
  /** MAC address of its only card. */
  readonly mac?: string;
  /** Further devices, as XML. */
  readonly devices?: string;
}

/** Enough for the guest to boot and for a moderate amount of hot-plugging, in MiB. */
const MEMORY = 160;

/** Milliseconds from the start until an agent that has not answered counts as missing; a busy machine takes 20 s. */
const BOOT_PATIENCE = 120_000;

/** XML of a domain without KVM, with a guest agent, a serial console and a screen, as somebody might have written it for virsh. */
export function guestDomainXml(guest: Guest, domain: GuestDomain): string {
  const { name, uuid, memory = MEMORY, disk, mac, devices = '' } = domain;
  const boot =
    disk === undefined
      ? `<kernel>${guest.kernel}</kernel><initrd>${guest.initrd}</initrd><cmdline>console=tty0 console=ttyS0 quiet</cmdline>`
      : '<boot dev="hd"/>';
  const storage =
    disk === undefined
      ? ''
      : `<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>`;
  return `<domain type="qemu">
    <name>${name}</name>${uuid === undefined ? '' : `<uuid>${uuid}</uuid>`}
    <memory unit="MiB">${memory}</memory>
    <vcpu>1</vcpu>
    <os><type arch="x86_64" machine="pc">hvm</type>${boot}</os>
    <features><acpi/></features>
    <devices>
      ${storage}
      <interface type="bridge">
        ${mac === undefined ? '' : `<mac address="${mac}"/>`}<source bridge="${BRIDGE}"/><model type="virtio"/>
      </interface>
      <serial type="pty"/>
      <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
      <graphics type="vnc" port="-1" autoport="yes" listen="127.0.0.1"/>
      <video><model type="vga"/></video>
      ${devices}
    </devices>
  </domain>`;
}

/** Seconds in which an agent does what it is asked: freezing file systems takes a while on a busy machine. */
const AGENT_PATIENCE = 60;

/** Asks the guest agent of a domain. Rejects when it does not answer or refuses. */
export async function askAgent(host: Pick<LabHost, 'virsh'>, domain: string, command: string, args?: object): Promise<unknown> {
  const question = JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) });
  const answer: unknown = JSON.parse(await askAwake(host, domain, question));
  if (typeof answer !== 'object' || answer === null || !('return' in answer))
    throw new Error(`odd answer: ${JSON.stringify(answer)}`);
  return answer.return;
}

/** On a busy machine a guest stands still for longer than the five seconds in which libvirt wants to hear that its agent listens. Until it does, nothing is asked. */
async function askAwake(host: Pick<LabHost, 'virsh'>, domain: string, question: string): Promise<string> {
  const deadline = Date.now() + AGENT_PATIENCE * 1000;
  for (;;) {
    try {
      return await host.virsh('qemu-agent-command', '--timeout', `${AGENT_PATIENCE}`, domain, question);
    } catch (thrown) {
      if (!String(thrown).includes('Guest agent not available for now') || Date.now() > deadline) throw thrown;
    }
  }
}

/** Resolves when the guest agent of a domain answers: the guest is up then. */
export async function untilAgentAnswers(host: LabHost, domain: string): Promise<void> {
  const deadline = Date.now() + BOOT_PATIENCE;
  for (;;) {
    try {
      await askAgent(host, domain, 'guest-ping');
      return;
    } catch (thrown) {
      if (Date.now() > deadline) throw thrown;
      await sleep(100);
    }
  }
}

/** Addresses of a running guest other than its own loopback, as its agent tells them. */
export async function guestAddresses(host: LabHost, domain: string): Promise<readonly string[]> {
  const text = await host.virsh('domifaddr', domain, '--source', 'agent');
  return text.split('\n').flatMap((line) => /^\s*eth\d\s.*ipv4\s+([\d.]+)\/\d+/.exec(line)?.[1] ?? continuation(line));
}

/** A card's second address has dashes in place of the card's name. */
function continuation(line: string): readonly string[] {
  const [, address] = /^\s*-\s+-\s+ipv4\s+([\d.]+)\/\d+/.exec(line) ?? [];
  return address === undefined || address.startsWith('127.') ? [] : [address];
}
