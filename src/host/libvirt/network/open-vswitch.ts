import { access, constants } from 'node:fs/promises';
import { CommandError, type Commands } from './commands.js';
import { LIST_SWITCHES, MADE_FOR, type OvsBridge, readSwitches } from './open-vswitch-state.js';

/** Seconds that ovs-vsctl waits until the switch has done what it was told. */
const PATIENCE = '10';

/** Open vSwitch, where it runs. */
export class OpenVswitch {
  private readonly commands: Commands;
  private readonly socket: string;
  /** The kernel's data path where the kernel has it, else the one in the daemon. */
  private datapath: 'system' | 'netdev' | undefined;

  /** `socket`: of its database. */
  constructor(commands: Commands, socket: string) {
    this.commands = commands;
    this.socket = socket;
  }

  async runs(): Promise<boolean> {
    try {
      await access(this.socket, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  async list(): Promise<OvsBridge[]> {
    if (!(await this.runs())) return [];
    try {
      return readSwitches(await this.change(...LIST_SWITCHES));
    } catch (thrown) {
      // It has ended, or ends just now, and has left its socket behind.
      if (thrown instanceof CommandError) return [];
      throw thrown;
    }
  }

  /** Runs commands as one change. Rejects with CommandError. */
  async change(...commands: readonly (readonly string[])[]): Promise<string> {
    if (commands.length === 0) return '';
    const args = commands.flatMap((command, i) => (i === 0 ? command : ['--', ...command]));
    return this.commands.run('ovs-vsctl', [`--timeout=${PATIENCE}`, `--db=unix:${this.socket}`, '--format=json', ...args]);
  }

  /**
   * Makes a switch, with further commands in the same change. Rejects with CommandError, and then there is none.
   * `madeFor` says what it is for to whoever finds it.
   */
  async add(name: string, madeFor: string, mac: string, further: readonly (readonly string[])[]): Promise<void> {
    const tried = this.datapath === undefined ? (['system', 'netdev'] as const) : [this.datapath];
    for (const datapath of tried) {
      try {
        await this.change(
          ['add-br', name],
          ['set', 'bridge', name, `datapath_type=${datapath}`, `external_ids:${MADE_FOR}=${madeFor}`, hardwareAddress(mac)],
          ...further,
        );
        await this.assertWorks(name);
        this.datapath = datapath;
        return;
      } catch (thrown) {
        await this.remove(name);
        // Whether the kernel has the data path shows only when it is used.
        if (datapath === tried.at(-1)) throw thrown;
      }
    }
  }

  /** A switch that could not be set up is in the database all the same. Rejects with CommandError. */
  async assertWorks(name: string): Promise<void> {
    const found = (await this.list()).find((one) => one.name === name);
    const broken = found?.ports.flatMap(({ failed }) => failed) ?? [name];
    if (broken.length > 0) throw new CommandError('ovs-vswitchd', `could not set up ${broken.join(', ')}`);
  }

  /** Sets the largest packet of a device that it made. */
  async setMtu(device: string, mtu: number): Promise<void> {
    await this.change(['set', 'interface', device, `mtu_request=${mtu}`]);
  }

  /** Removes a switch if there is one. */
  async remove(name: string): Promise<void> {
    await this.change(['--if-exists', 'del-br', name]);
  }
}

/** Setting of a switch that gives its device an address. */
export function hardwareAddress(mac: string): string {
  return `other_config:hwaddr="${mac}"`;
}
