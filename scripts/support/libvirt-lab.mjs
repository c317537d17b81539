import { canInstall, install, isInstalled } from './debian.mjs';
import { say } from './run.mjs';

/** What hosts, networks, firmware and storage of the libvirt tests consist of. */
const PACKAGES = [
  'libvirt-daemon-system',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
  'ovmf',
  'swtpm',
  'swtpm-tools',
  'dnsmasq-base',
  'isc-dhcp-client',
  'iproute2',
  'nftables',
  'ethtool',
  'openvswitch-switch',
  'openssh-server',
  'genisoimage',
  'e2fsprogs',
  'xfsprogs',
  'lvm2',
];

/** Why libvirt tests cannot run on this machine; undefined where they can. */
export function libvirtLabProblem() {
  if (canInstall()) return undefined;
  return 'libvirt tests need root on Debian: they make hosts out of network and mount namespaces, and install what those run';
}

/** Installs what is missing for libvirt tests. In CI they must not be skipped, so there a machine that has no lab is an error. */
export async function installLibvirtLab() {
  const problem = libvirtLabProblem();
  if (problem === undefined) {
    const missing = PACKAGES.filter((name) => !isInstalled(name));
    if (missing.length > 0) await install(missing);
  } else if (process.env.CI) {
    throw new Error(problem);
  } else {
    say(`${problem}: they are skipped`);
  }
}
