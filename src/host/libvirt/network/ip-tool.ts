import { CommandError, type Commands } from './commands.js';
import { readLinks, readRoutes } from './ip-json.js';
import { NetworkState } from './network-state.js';
import type { OpenVswitch } from './open-vswitch.js';

const READ = 'address show\nroute show table all\n';

/** Milliseconds for which a picture of the network is good while nothing is known to have changed. */
const FRESH = 2000;

/** Reads and changes the network with one run of `ip` for everything. */
export class IpTool {
  private readonly commands: Commands;
  private readonly switches: OpenVswitch;
  private picture: { readonly state: Promise<NetworkState>; readonly until: number } | undefined;

  /** The network as it was read last; undefined before the first time. */
  last: NetworkState | undefined;

  constructor(commands: Commands, switches: OpenVswitch) {
    this.commands = commands;
    this.switches = switches;
  }

  /** The network as it is now. */
  read(): Promise<NetworkState> {
    const state = this.readNow();
    this.picture = { state, until: Date.now() + FRESH };
    // Whoever waits for it hears of a failure; the next one reads again.
    state.then(
      (read) => {
        this.last = read;
      },
      () => this.changed(),
    );
    return state;
  }

  /** The network as it was a moment ago: for answers, not for decisions. */
  recent(): Promise<NetworkState> {
    return this.picture && Date.now() < this.picture.until ? this.picture.state : this.read();
  }

  /** What is known of the network is out of date. */
  changed(): void {
    this.picture = undefined;
  }

  /** Runs commands in their order, up to the first that fails. Rejects with CommandError. */
  async apply(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    try {
      await this.commands.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
    } finally {
      this.changed();
    }
  }

  /** Runs commands of which each may fail: the others are tried all the same. */
  async attempt(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    try {
      await this.commands.run('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown;
    } finally {
      this.changed();
    }
  }

  private async readNow(): Promise<NetworkState> {
    const [text, switches] = await Promise.all([
      this.commands.run('ip', ['-json', '-details', '-batch', '-'], READ),
      this.switches.list(),
    ]);
    // Each command prints its own document on a line.
    const [links = '[]', routes = '[]'] = text.split('\n').filter((line) => line !== '');
    const read = readLinks(JSON.parse(links));
    return new NetworkState(read.links, read.addresses, readRoutes(JSON.parse(routes)), switches);
  }
}
