import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node-libvirt';
import type { Config } from '../../config/load-config.js';
import { type Finding, fail, ok, reasonOf, warn } from './check.js';
import { checkLocks } from './lock-check.js';
import { isThere } from './programs.js';
import { checkSrTypes } from './sr-types-check.js';

/** libvirt of this machine, where the configuration names no other. */
const LOCAL = 'qemu:///system';

/** Milliseconds within which a libvirt that is well answers. */
const PATIENCE = 5000;

/** What the gateway starts for storage and networks, with the packages of Debian that have it. */
const PROGRAMS = [
  { program: 'qemu-img', need: 'disks', debian: 'qemu-utils' },
  { program: 'ip', need: 'networks', debian: 'iproute2' },
  { program: 'tc', need: 'rate limits of cards', debian: 'iproute2' },
  { program: 'nft', need: 'locked cards', debian: 'nftables' },
] as const;

/**
 * Looks at what a KVM host needs. When it was asked for, what is missing fails; else an emulated pool serves where libvirt
 * does not answer, and it is worth a warning.
 */
export function hostChecks({ host, dataDir }: Config): (() => Promise<Finding>)[] {
  if (host?.kind === 'emulated') return [];
  const wanted = host?.kind === 'libvirt';
  const uri = wanted ? (host.uri ?? LOCAL) : LOCAL;
  return [
    () => checkLibvirt(uri, wanted),
    () => checkKvm(),
    () => checkPrograms(wanted),
    () => checkSrTypes(),
    () => checkLocks(dataDir),
    () => checkBridges(),
  ];
}

/** Whether libvirt answers, and drives QEMU. */
export async function checkLibvirt(uri: string, wanted: boolean): Promise<Finding> {
  const subject = 'libvirt';
  try {
    const connection = await connect(uri, { timeout: PATIENCE });
    try {
      const { lib_ver } = await connection.call('CONNECT_GET_LIB_VERSION', {});
      return ok(subject, `${uri} answers: version ${versionText(lib_ver)}`);
    } finally {
      await connection.close();
    }
  } catch (thrown) {
    const found = `${uri} does not answer: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    const advice = 'apt-get install libvirt-daemon-system qemu-system-x86 qemu-utils, then systemctl start libvirtd';
    return wanted
      ? fail(subject, found, advice)
      : warn(subject, found, `for a KVM host: ${advice}; without it the gateway has an emulated pool`);
  }
}

function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}

/** Whether guests run on the processor itself. */
export async function checkKvm(device = '/dev/kvm'): Promise<Finding> {
  const subject = 'KVM';
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return ok(subject, `${device} can be used`);
  } catch (thrown) {
    const advice =
      'turn virtualisation on in the firmware and load kvm_intel or kvm_amd; until then guests are emulated, and slow';
    return warn(subject, `${device}: ${reasonOf(thrown)}`, advice);
  }
}

/** Whether the programs are there that the gateway starts. */
export async function checkPrograms(wanted: boolean, path = process.env.PATH ?? ''): Promise<Finding> {
  const subject = 'programs';
  const there = await Promise.all(PROGRAMS.map(({ program }) => isThere(program, path)));
  const missing = PROGRAMS.filter((_, i) => !there[i]);
  if (missing.length === 0) return ok(subject, `${PROGRAMS.map(({ program }) => program).join(', ')} are there`);
  const found = missing.map(({ program, need }) => `${program} (for ${need}) is missing`).join(', ');
  const advice = `apt-get install ${[...new Set(missing.map(({ debian }) => debian))].join(' ')}`;
  return wanted ? fail(subject, found, advice) : warn(subject, found, advice);
}

/** Which bridges guests can be put into already. */
export async function checkBridges(directory = '/sys/class/net'): Promise<Finding> {
  const subject = 'bridges';
  const names = await readdir(directory).catch(() => []);
  const isBridge = await Promise.all(names.map((name) => exists(join(directory, name, 'bridge'))));
  const bridges = names.filter((_, i) => isBridge[i]);
  if (bridges.length > 0) return ok(subject, bridges.join(', '));
  return ok(subject, 'none yet: one is made over a card when the first guest needs it');
}

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
