import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../config/load-config.js';
import type { OptionKey } from '../config/options.js';

/** Address of the libvirt of this machine. */
const LOCAL = { uri: 'qemu:///system', socket: '/run/libvirt/libvirt-sock' };

/** Milliseconds within which a libvirt that is there takes a connection. */
const PATIENCE = 2000;

/** What stands behind the API, and what is to be said of the choice. */
export type ChosenHost = ({ readonly kind: 'emulated' } | { readonly kind: 'libvirt'; readonly uri: string }) & {
  readonly notices: readonly string[];
};

/**
 * What the configuration says; where it says nothing, what the data directory holds already; and for a new one the libvirt of
 * this machine if it answers, else an emulated pool.
 */
export async function chooseHost({ host, loadDump, dataDir }: Config, isGiven: (key: OptionKey) => boolean): Promise<ChosenHost> {
  if (host?.kind === 'emulated') return { kind: 'emulated', notices: [] };
  if (host?.kind === 'libvirt') return { kind: 'libvirt', uri: host.uri ?? LOCAL.uri, notices: [] };
  if (isGiven('emulate') || isGiven('emulateFile') || loadDump !== undefined || (await exists(join(dataDir, 'emulated'))))
    return { kind: 'emulated', notices: [] };
  if (await answers(LOCAL.socket)) return { kind: 'libvirt', uri: LOCAL.uri, notices: [] };
  return {
    kind: 'emulated',
    notices: [
      `no libvirt answers at ${LOCAL.socket}: using an emulated pool. With libvirt installed and started, use --host libvirt.`,
    ],
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether somebody takes connections at a Unix socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
