import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '../repository.js';

/** How a host's libvirtd can be reached, besides its Unix socket. */
export interface Listeners {
  /** On port 16509 without encryption or password. */
  readonly tcp?: boolean;
  /** On port 16514; clients show a certificate of `LabHost.certificates`. */
  readonly tls?: boolean;
}

/** What libvirt has found out about QEMU, which takes it seconds. It checks by itself whether that still holds. */
const CAPABILITIES = join(REPOSITORY, 'node_modules/.cache/xenapi-gateway/capabilities');
const CAPABILITIES_OF_HOST = 'cache/qemu/capabilities';

/** Writes what a host's libvirtd reads when it starts. `address` is where it listens. */
export async function writeConfiguration(directory: string, address: string, listeners: Listeners): Promise<void> {
  const etc = join(directory, 'etc');
  await mkdir(join(etc, 'qemu/networks'), { recursive: true });
  await cp('/usr/share/libvirt/networks/default.xml', join(etc, 'qemu/networks/default.xml')).catch(() => undefined);
  await cp('/etc/libvirt/nwfilter', join(etc, 'nwfilter'), { recursive: true }).catch(() => undefined);
  const pki = join(directory, 'pki');
  await writeFile(
    join(etc, 'libvirtd.conf'),
    settings({
      host_uuid: randomUUID(),
      auth_unix_rw: 'none',
      unix_sock_rw_perms: '0700',
      listen_addr: address,
      listen_tcp: listeners.tcp ? 1 : 0,
      auth_tcp: 'none',
      listen_tls: listeners.tls ? 1 : 0,
      auth_tls: 'none',
      ...(listeners.tls
        ? { key_file: join(pki, 'serverkey.pem'), cert_file: join(pki, 'servercert.pem'), ca_file: join(pki, 'cacert.pem') }
        : {}),
      log_level: 3,
      log_outputs: '3:file:/var/log/libvirt/libvirtd.log',
    }),
  );
  await writeFile(
    join(etc, 'qemu.conf'),
    settings({
      user: 'root',
      group: 'root',
      swtpm_user: 'root',
      swtpm_group: 'root',
      security_driver: 'none',
      // Without virtlogd, mount namespaces and owners of files there is less that can go wrong for other reasons than ours.
      stdio_handler: 'file',
      remember_owner: 0,
      namespaces: [],
      ...(listeners.tls ? { default_tls_x509_cert_dir: pki } : {}),
    }),
  );
  await writeLvmConfiguration(directory);
}

/** Metadata of LVM can be worked with although the kernel may have no device mapper. */
async function writeLvmConfiguration(directory: string): Promise<void> {
  await mkdir(join(directory, 'lvm'), { recursive: true });
  await writeFile(
    join(directory, 'lvm/lvm.conf'),
    'global { activation = 0 }\ndevices { use_devicesfile = 0 }\nbackup { backup = 0 archive = 0 }\n',
  );
}

function settings(values: Readonly<Record<string, string | number | readonly string[]>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join('');
}

/** Gives a new host what earlier ones have found out. */
export async function bringCapabilities(directory: string): Promise<void> {
  await cp(CAPABILITIES, join(directory, CAPABILITIES_OF_HOST), { recursive: true }).catch(() => undefined);
}

/** Keeps what a host has found out for the next ones. */
export async function keepCapabilities(directory: string): Promise<void> {
  const found = join(directory, CAPABILITIES_OF_HOST);
  await mkdir(CAPABILITIES, { recursive: true });
  for (const name of await readdir(found).catch(() => [])) {
    // Hosts of several processes may do this at once, and others read meanwhile.
    const whole = join(CAPABILITIES, `.${randomUUID()}`);
    await cp(join(found, name), whole);
    await rename(whole, join(CAPABILITIES, name));
  }
}
