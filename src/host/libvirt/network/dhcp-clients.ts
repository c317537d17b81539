import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands, Follower } from './commands.js';
import type { Family } from './network-state.js';

/** Milliseconds that somebody waits for the first lease. Servers answer within a second; links take some to come up. */
const FIRST_LEASE = 15_000;

/** Milliseconds until a client that ended is started again. */
const AGAIN = 10_000;

/** Where programs of the system are, whatever the path of the daemon's user says. */
const SYSTEM = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** What clients say when they have a lease. */
const LEASE = /bound to ([\d.]+)|lease of ([\d.]+) obtained|leased ([\d.]+)/;

interface Kind {
  readonly program: string;
  readonly families: readonly Family[];
  /** `pid`: file in which it keeps the id of its process. */
  args(device: string, family: Family, pid: string): string[];
}

/** Clients that stay in the foreground, and leave the address there when they are ended. */
const KINDS: readonly Kind[] = [
  {
    program: 'dhclient',
    families: [4, 6],
    args: (device, family, pid) => [
      ...[`-${family}`, '-d', '-pf', pid],
      // Where security modules allow it to write.
      ...['-lf', `/var/lib/dhcp/dhclient-xenapi${family}-${device}.leases`, device],
    ],
  },
  { program: 'udhcpc', families: [4], args: (device, _family, pid) => ['-f', '-p', pid, '-i', device] },
  { program: 'dhcpcd', families: [4, 6], args: (device, family) => [`-${family}`, '-B', '-p', device] },
];

interface Running {
  readonly device: string;
  readonly family: Family;
  /** Tells whoever waits for the first lease. */
  leased: (address?: string) => void;
  follower?: Follower;
  timer?: NodeJS.Timeout;
  ended: boolean;
}

/** The DHCP clients that run for the interfaces of a host, each known by the interface that wants the address. */
export class DhcpClients {
  private readonly commands: Commands;
  private readonly path: readonly string[];
  private readonly running = new Map<string, Running>();
  private closed = false;

  /** `path`: directories in which clients are looked for. */
  constructor(commands: Commands, path: readonly string[] = [...(process.env.PATH ?? '').split(':'), ...SYSTEM]) {
    this.commands = commands;
    this.path = path;
  }

  get anyRuns(): boolean {
    return this.running.size > 0;
  }

  runsFor(wanting: string, family: Family): boolean {
    return this.running.has(`${wanting}/${family}`);
  }

  /**
   * Starts a client on a device in the place of the one that runs for the interface. Resolves with the first IPv4 address
   * that it gets, or with nothing when none comes in time: it goes on then. For IPv6 it resolves at once. Rejects when no
   * client is installed.
   */
  async start(wanting: string, device: string, family: Family): Promise<string | undefined> {
    this.stop(wanting, family);
    if (this.closed) return undefined;
    const entry: Running = { device, family, leased: () => undefined, ended: false };
    this.running.set(`${wanting}/${family}`, entry);
    const kind = await this.installed(family);
    if (kind === undefined) {
      this.running.delete(`${wanting}/${family}`);
      const names = KINDS.filter(({ families }) => families.includes(family)).map(({ program }) => program);
      throw new Error(`no DHCP client for IPv${family} is installed: ${names.join(', ')}`);
    }
    await endFormer(pidFile(kind, entry));
    // It may have been ended before it began.
    if (entry.ended) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, family === 4 ? FIRST_LEASE : 0, undefined);
      entry.leased = (address) => {
        clearTimeout(timer);
        resolve(address);
      };
      this.launch(entry, kind);
    });
  }

  private launch(entry: Running, kind: Kind): void {
    const pid = pidFile(kind, entry);
    entry.follower = this.commands.follow(kind.program, kind.args(entry.device, entry.family, pid), {
      line: (line) => {
        const found = LEASE.exec(line);
        if (found) entry.leased(found[1] ?? found[2] ?? found[3]);
      },
      end: () => {
        entry.leased();
        entry.timer = setTimeout(() => this.launch(entry, kind), AGAIN);
        entry.timer.unref();
      },
    });
  }

  /** Ends the client of an interface; its address stays where it is. */
  stop(wanting: string, family: Family): void {
    const entry = this.running.get(`${wanting}/${family}`);
    if (entry === undefined) return;
    this.running.delete(`${wanting}/${family}`);
    entry.ended = true;
    clearTimeout(entry.timer);
    // One that is asked to end may give its address back.
    entry.follower?.stop('SIGKILL');
    entry.leased();
  }

  /** Lets clients go on where the addresses of their interfaces are now, and ends those of interfaces that are gone. */
  settle(holder: (wanting: string) => string | undefined): void {
    for (const [key, { device, family }] of [...this.running]) {
      const [wanting = ''] = key.split('/');
      const now = holder(wanting);
      if (now === undefined) this.stop(wanting, family);
      else if (now !== device) void this.start(wanting, now, family).catch(() => undefined);
    }
  }

  /** Ends all clients, and those that are about to start. */
  close(): void {
    this.closed = true;
    for (const [key, { family }] of [...this.running]) this.stop(key.split('/')[0] ?? '', family);
  }

  private async installed(family: Family): Promise<Kind | undefined> {
    for (const kind of KINDS) {
      if (!kind.families.includes(family)) continue;
      for (const directory of this.path) {
        try {
          await access(join(directory, kind.program), constants.X_OK);
          return kind;
        } catch {
          // The next directory may have it.
        }
      }
    }
    return undefined;
  }
}

function pidFile({ program }: Kind, { device, family }: Pick<Running, 'device' | 'family'>): string {
  return `/run/${program}-xenapi${family}-${device}.pid`;
}

/** Ends a client of a process that was killed before it could do so: two clients would take the address from each other. */
async function endFormer(file: string): Promise<void> {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    // Meanwhile the number may be that of another program.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (command.split('\0').includes(file)) process.kill(pid, 'SIGKILL');
  } catch {
    // There is none.
  }
}
