import type { LabHost } from './host.js';

/** Where Debian keeps the description of the database. */
const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const DATABASE = '/etc/openvswitch/conf.db';
const SOCKET = '/run/openvswitch/db.sock';

/**
 * Starts Open vSwitch inside a host, with an empty database where `ovs-vsctl` and libvirt look for it. Kernels without its module
 * need bridges with `datapath_type=netdev`. It ends with the host.
 */
export async function startOpenVswitch(host: LabHost): Promise<void> {
  await host.run('ovsdb-tool', ['create', DATABASE, SCHEMA]);
  const started = ['--pidfile', '--detach', '--log-file=/dev/null'];
  await host.run('ovsdb-server', [DATABASE, `--remote=punix:${SOCKET}`, ...started], { output: 'none' });
  await host.run('ovs-vsctl', ['--no-wait', 'init']);
  await host.run('ovs-vswitchd', [`unix:${SOCKET}`, ...started], { output: 'none' });
}
