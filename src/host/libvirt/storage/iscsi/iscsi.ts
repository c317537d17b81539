import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from '../../../mutex.js';
import { isIqn } from '../../../sr-types/device-config.js';
import type { FoundTarget } from '../../../sr-types/findings.js';
import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { CommandError } from '../../network/commands.js';
import { disksOf } from '../devices/disks.js';
import { type LogicalUnit, logicalUnits } from '../devices/logical-units.js';
import { needTools, type Tools } from '../tools/tools.js';
import { HeldTargets } from './held-targets.js';
import { type Chap, writeChap } from './record-file.js';
import { sessionsOf } from './session-table.js';

/** Milliseconds for a target to take a connection: where it does not, the program for it tries for minutes. */
const CONNECT_PATIENCE = 10_000;
/** Milliseconds for the kernel to find what is behind a new session, and between two looks. */
const [APPEARANCE, INTERVAL] = [15_000, 100];
/** Most targets of an address that are told. */
const MOST_TARGETS = 1000;

/** Where a target is asked for. */
export interface Portal {
  readonly target: string;
  readonly port: string;
}

/** Where iSCSI is on a host. */
export interface IscsiPlaces {
  readonly runDirectory: string;
  /** Where the kernel tells of itself. */
  readonly sys?: string;
  /** Where open-iscsi keeps its records. */
  readonly records?: string;
}

/** The iSCSI targets that SRs of a host use, through open-iscsi. Rejects with refusals. */
export class Iscsi {
  readonly #tools: Tools;
  readonly #sys: string;
  readonly #records: string;
  readonly #held: HeldTargets;
  readonly #mutex = new Mutex();

  constructor(tools: Tools, { runDirectory, sys = '/sys', records = '/etc/iscsi' }: IscsiPlaces) {
    this.#tools = tools;
    this.#sys = sys;
    this.#records = records;
    this.#held = new HeldTargets(runDirectory);
  }

  /** The targets that an address tells of, with each of the addresses under which they can be reached. */
  async discover({ target, port }: Portal, chap?: Chap): Promise<readonly FoundTarget[]> {
    await needTools(this.#tools, 'iscsiDaemon', 'iscsiadm');
    const address = await addressOf(target);
    await needService(address, port);
    const portal = portalText(address, port);
    // Nothing is written down about the targets: that is done for those that are used.
    const how = ['-t', 'sendtargets', '-p', portal, '-o', 'nonpersistent'];
    return this.#mutex.run(async () => {
      if (!chap) return targetsIn(await this.#run('noIscsiTarget', ['-m', 'discovery', ...how]));
      const record = ['-m', 'discoverydb', '-t', 'sendtargets', '-p', portal];
      await this.#run('noIscsiTarget', [...record, '-o', 'new']);
      try {
        await writeChap(
          join(this.#records, 'send_targets', `${address},${port}`, 'st_config'),
          'discovery.sendtargets.auth',
          chap,
        );
        return targetsIn(await this.#run('noIscsiTarget', ['-m', 'discoverydb', ...how, '--discover']));
      } finally {
        await this.#run('noIscsiTarget', [...record, '-o', 'delete']).catch(() => undefined);
      }
    });
  }

  /**
   * Logs in at a target, at each address where that is not done yet, for whoever `holder` is: the uuid of an SR, or a name for a moment. Resolves to
   * the logical units there.
   */
  async hold(holder: string, iqn: string, portals: readonly FoundTarget[], chap?: Chap): Promise<readonly LogicalUnit[]> {
    await needTools(this.#tools, 'iscsiDaemon', 'iscsiadm');
    await this.#mutex.run(async () => {
      let held = await this.#held.get(iqn);
      held = { ...held, holders: [...held.holders.filter((other) => other !== holder), holder] };
      const sessions = (await sessionsOf(this.#sys)).filter((session) => session.iqn === iqn);
      try {
        for (const { address, port } of portals) {
          if (sessions.some((session) => session.address === address && session.port === port)) continue;
          held = { ...held, logins: [...held.logins, { address, port }] };
          // Before it is done: a login that nobody knows of would stay for ever.
          await this.#held.put(held);
          await this.#login(iqn, { address, port }, chap);
        }
        await this.#held.put(held);
      } catch (thrown) {
        await this.#held.put(held);
        await this.#letGo(holder, iqn);
        throw thrown;
      }
    });
    return this.#appeared(iqn);
  }

  /** Ends what `hold` has begun; logs out of a target that nobody holds any more. */
  release(holder: string, iqn: string): Promise<void> {
    return this.#mutex.run(() => this.#letGo(holder, iqn));
  }

  /** What is behind the sessions with a target now. */
  async units(iqn: string): Promise<readonly LogicalUnit[]> {
    const hosts = new Set((await sessionsOf(this.#sys)).flatMap((session) => (session.iqn === iqn ? [session.host] : [])));
    return logicalUnits((await disksOf(this.#sys)).filter(({ scsi }) => scsi !== undefined && hosts.has(scsi.host)));
  }

  /** Has the kernel look again what is behind the sessions with a target. */
  async rescan(iqn: string): Promise<void> {
    await this.#run('iscsiDevice', ['-m', 'node', '-T', iqn, '--rescan']);
  }

  async #login(
    iqn: string,
    { address, port }: { readonly address: string; readonly port: string },
    chap: Chap | undefined,
  ): Promise<void> {
    const node = ['-m', 'node', '-T', iqn, '-p', portalText(address, port)];
    await this.#run('iscsiLogin', [...node, '-o', 'new']);
    try {
      if (chap) await writeChap(this.#recordOf(iqn, address, port), 'node.session.auth', chap);
      await this.#run('iscsiLogin', [...node, '--login']);
    } catch (thrown) {
      await this.#run('iscsiLogout', [...node, '-o', 'delete']).catch(() => undefined);
      throw thrown;
    }
  }

  /** The file of a login that was made without the number of its portal's group. */
  #recordOf(iqn: string, address: string, port: string): string {
    if (!isIqn(iqn)) throw refusal('badIqn', `${iqn} is no name of a target`);
    return join(this.#records, 'nodes', iqn, `${address},${port}`);
  }

  async #letGo(holder: string, iqn: string): Promise<void> {
    const held = await this.#held.get(iqn);
    const holders = held.holders.filter((other) => other !== holder);
    if (holders.length > 0) return this.#held.put({ ...held, holders });
    const sessions = await sessionsOf(this.#sys);
    for (const { address, port } of held.logins) {
      const node = ['-m', 'node', '-T', iqn, '-p', portalText(address, port)];
      const isIn = sessions.some((session) => session.iqn === iqn && session.address === address && session.port === port);
      if (isIn) await this.#run('iscsiLogout', [...node, '--logout']);
      await this.#run('iscsiLogout', [...node, '-o', 'delete']).catch(() => undefined);
    }
    await this.#held.put({ iqn, holders: [], logins: [] });
  }

  async #appeared(iqn: string): Promise<readonly LogicalUnit[]> {
    const end = Date.now() + APPEARANCE;
    for (;;) {
      const units = await this.units(iqn);
      // A target may have nothing for us: that is an answer too, after some time.
      if (units.length > 0 || Date.now() > end) return units;
      await sleep(INTERVAL);
    }
  }

  async #run(kind: RefusalKind, args: readonly string[]): Promise<string> {
    try {
      return await this.#tools.run('iscsiadm', args);
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown;
      const text = thrown.text.replaceAll('iscsiadm: ', '');
      if (/iscsid is not running|connect to iSCSI daemon|initiatorname/i.test(text)) throw refusal('iscsiDaemon', text);
      if (/driver .*not (?:loaded|found)|iscsi_transport/i.test(text)) {
        const advice = 'boot one that has, such as that of the package linux-image-amd64';
        throw refusal('iscsiDaemon', `The kernel of this host has no iSCSI over TCP: ${advice}`);
      }
      if (/authorization|authentication/i.test(text)) throw refusal('iscsiLogin', text);
      throw refusal(kind, text);
    }
  }
}

/** Lines like `10.0.0.1:3260,1 iqn...`. */
function targetsIn(text: string): readonly FoundTarget[] {
  return text
    .split('\n')
    .slice(0, MOST_TARGETS)
    .flatMap((line) => {
      const [, address, port, iqn] = /^\[?([^\s\]]+?)\]?:(\d+),-?\d+ (\S+)$/.exec(line.trim()) ?? [];
      return address !== undefined && port !== undefined && iqn !== undefined && isIqn(iqn) ? [{ address, port, iqn }] : [];
    });
}

function portalText(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name.replace(/^\[|\]$/g, ''))).address;
  } catch {
    throw refusal('unknownName', `There is no host ${name}`);
  }
}

/** Rejects with SR_BACKEND_FAILURE_141 when nothing listens. */
async function needService(host: string, port: string): Promise<void> {
  const socket = createConnection({ host, port: Number(port), timeout: CONNECT_PATIENCE });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('timeout', () => reject(new Error('no answer')));
      socket.once('error', reject);
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw refusal('noIscsiTarget', `${host} serves no iSCSI on port ${port}: ${why}`);
  } finally {
    socket.destroy();
  }
}
