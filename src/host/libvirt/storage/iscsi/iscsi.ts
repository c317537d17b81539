import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from '../../../mutex.js';
import { isIqn } from '../../../sr-types/device-config.js';
import type { FoundTarget } from '../../../sr-types/findings.js';
import { refusal } from '../../../storage-refusal.js';
import { disksOf } from '../devices/disks.js';
import { type LogicalUnit, logicalUnits } from '../devices/logical-units.js';
import { needTools, type Tools } from '../tools/tools.js';
import { type Address, discoverTargets } from './discovery.js';
import { type HeldTarget, HeldTargets, isVisitor } from './held-targets.js';
import { portalText, runIscsi } from './iscsi-program.js';
import { addressOf, needService } from './reachable.js';
import { type Chap, chapSettings, writeSettings } from './record-file.js';
import { type IscsiSession, sessionsOf } from './session-table.js';

/** Milliseconds for the kernel to find what is behind a new session, for one unit that is wanted among others, and between two looks. */
const [APPEARANCE, WANTED, INTERVAL] = [15_000, 5000, 250];

/** Seconds that requests wait for a session that is lost: another path may take them at once, where there is one. */
const REPLACEMENT = { alone: '120', amongOthers: '5' };

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
  /** Called with the logical units that are about to go. Rejects when they are in use. */
  readonly leaving?: (units: readonly LogicalUnit[]) => Promise<void>;
}

/** How to log in. */
export interface Login {
  readonly chap?: Chap | undefined;
  /** Whether several paths lead to the units: then those that do not answer are left out, and one is enough. */
  readonly isOneOfMany?: boolean;
}

/** The iSCSI targets that SRs of a host use, through open-iscsi. Rejects with refusals. */
export class Iscsi {
  readonly #tools: Tools;
  readonly #sys: string;
  readonly #records: string;
  readonly #held: HeldTargets;
  readonly #leaving: (units: readonly LogicalUnit[]) => Promise<void>;
  readonly #mutex = new Mutex();

  constructor(tools: Tools, places: IscsiPlaces) {
    const { runDirectory, sys = '/sys', records = '/etc/iscsi', leaving = async () => undefined } = places;
    this.#tools = tools;
    this.#sys = sys;
    this.#records = records;
    this.#held = new HeldTargets(runDirectory);
    this.#leaving = leaving;
  }

  /** The targets that an address tells of, with each of the addresses under which they can be reached. */
  async discover({ target, port }: Portal, chap?: Chap): Promise<readonly FoundTarget[]> {
    await needTools(this.#tools, 'iscsiDaemon', 'iscsiadm');
    const address = await addressOf(target);
    await needService(address, port);
    return this.#mutex.run(() => discoverTargets(this.#tools, this.#records, { address, port }, chap));
  }

  /**
   * Logs in at targets, at each address where that is not done yet, for whoever `holder` is: the uuid of an SR, or a name for a moment. Either all
   * of them are held afterwards or none.
   */
  async hold(holder: string, portals: readonly FoundTarget[], login: Login = {}): Promise<void> {
    await needTools(this.#tools, 'iscsiDaemon', 'iscsiadm');
    const answering = login.isOneOfMany ? await reachable(portals) : portals;
    await this.#mutex.run(async () => {
      const begun: string[] = [];
      try {
        for (const iqn of new Set(answering.map((portal) => portal.iqn))) {
          begun.push(iqn);
          await this.#holdOne(
            holder,
            iqn,
            answering.filter((portal) => portal.iqn === iqn),
            login,
          );
        }
      } catch (thrown) {
        for (const iqn of begun) await this.#letGo(holder, iqn);
        throw thrown;
      }
    });
  }

  /** Logs in where that was not possible when a holder wanted it, as far as it is now. */
  async mend(holder: string, portals: readonly FoundTarget[], login: Login): Promise<void> {
    const answering = await reachable(portals).catch(() => []);
    await this.#mutex.run(async () => {
      for (const iqn of new Set(answering.map((portal) => portal.iqn))) {
        const { holders } = await this.#held.get(iqn);
        const there = answering.filter((portal) => portal.iqn === iqn);
        if (holders.includes(holder)) await this.#holdOne(holder, iqn, there, { ...login, isOneOfMany: true });
      }
    });
  }

  /** Ends what `hold` has begun; logs out of targets that nobody holds any more. */
  release(holder: string, iqns: readonly string[]): Promise<void> {
    return this.#mutex.run(async () => {
      for (const iqn of iqns) await this.#letGo(holder, iqn);
    });
  }

  /** Lets go what an earlier process held for moments only, when it was killed. */
  tidy(): Promise<void> {
    return this.#mutex.run(async () => {
      for (const { iqn, holders } of await this.#held.all())
        for (const holder of holders.filter(isVisitor)) await this.#letGo(holder, iqn);
    });
  }

  /** What is behind the sessions with targets now. */
  async units(iqns: readonly string[]): Promise<readonly LogicalUnit[]> {
    const hosts = new Set((await this.sessions(iqns)).map(({ host }) => host));
    return logicalUnits((await disksOf(this.#sys)).filter(({ scsi }) => scsi !== undefined && hosts.has(scsi.host)));
  }

  /** What is behind them once the kernel has found it. `wanted`: whether a unit is the one that is waited for. */
  async appeared(iqns: readonly string[], wanted?: (unit: LogicalUnit) => boolean): Promise<readonly LogicalUnit[]> {
    const began = Date.now();
    for (let before = ''; ; await sleep(INTERVAL)) {
      const units = await this.units(iqns);
      const [now, waited] = [units.flatMap(({ paths }) => paths).join(), Date.now() - began];
      // A target may have nothing for us: that is an answer too, after some time.
      if (units.length === 0 && waited < APPEARANCE) continue;
      const isComplete = wanted === undefined ? now === before : units.some(wanted);
      if (isComplete || waited > (units.length === 0 ? APPEARANCE : WANTED)) return units;
      before = now;
    }
  }

  /** The sessions with targets. */
  async sessions(iqns: readonly string[]): Promise<readonly IscsiSession[]> {
    return (await sessionsOf(this.#sys)).filter(({ iqn }) => iqns.includes(iqn));
  }

  async #holdOne(holder: string, iqn: string, portals: readonly FoundTarget[], login: Login): Promise<void> {
    let held = await this.#held.get(iqn);
    held = { ...held, holders: [...held.holders.filter((other) => other !== holder), holder] };
    // Before anything is done: a login that nobody knows of would stay for ever.
    await this.#held.put(held);
    const sessions = await this.sessions([iqn]);
    const [logins, failures]: [HeldTarget['logins'], unknown[]] = [[...held.logins], []];
    for (const { address, port } of portals) {
      if (sessions.some((session) => session.address === address && session.port === port)) continue;
      if (!logins.some((known) => known.address === address && known.port === port)) logins.push({ address, port });
      await this.#held.put({ ...held, logins });
      await this.#login(iqn, { address, port }, login).catch((thrown: unknown) => failures.push(thrown));
    }
    if (failures.length > 0 && (!login.isOneOfMany || (await this.sessions([iqn])).length === 0)) throw failures[0];
  }

  async #login(iqn: string, { address, port }: Address, { chap, isOneOfMany = false }: Login): Promise<void> {
    if (!isIqn(iqn)) throw refusal('badIqn', `${iqn} is no name of a target`);
    const node = ['-m', 'node', '-T', iqn, '-p', portalText(address, port)];
    await runIscsi(this.#tools, 'iscsiLogin', [...node, '-o', 'new']);
    try {
      const patience = isOneOfMany ? REPLACEMENT.amongOthers : REPLACEMENT.alone;
      const settings = new Map([
        // Who logs in when the host boots is this daemon, once somebody wants the SR.
        ['node.startup', 'manual'],
        ['node.session.timeo.replacement_timeout', patience],
        ...(chap ? chapSettings('node.session.auth', chap) : []),
      ]);
      // The file of a login that was made without the number of its portal's group.
      await writeSettings(join(this.#records, 'nodes', iqn, `${address},${port}`), settings);
      await runIscsi(this.#tools, 'iscsiLogin', [...node, '--login']);
    } catch (thrown) {
      await runIscsi(this.#tools, 'iscsiLogout', [...node, '-o', 'delete']).catch(() => undefined);
      throw thrown;
    }
  }

  async #letGo(holder: string, iqn: string): Promise<void> {
    const held = await this.#held.get(iqn);
    const holders = held.holders.filter((other) => other !== holder);
    if (holders.length > 0) return this.#held.put({ ...held, holders });
    const sessions = await this.sessions([iqn]);
    const isOurs = ({ address, port }: Address): boolean =>
      held.logins.some((login) => login.address === address && login.port === port);
    // Where somebody else has a session too, the units stay.
    if (sessions.length > 0 && sessions.every(isOurs)) await this.#leaving(await this.units([iqn]));
    for (const { address, port } of held.logins) {
      const node = ['-m', 'node', '-T', iqn, '-p', portalText(address, port)];
      const isIn = sessions.some((session) => session.address === address && session.port === port);
      if (isIn) await runIscsi(this.#tools, 'iscsiLogout', [...node, '--logout']);
      await runIscsi(this.#tools, 'iscsiLogout', [...node, '-o', 'delete']).catch(() => undefined);
    }
    await this.#held.put({ iqn, holders: [], logins: [] });
  }
}

/** The addresses that answer. Rejects with what is wrong with the first when none does. */
async function reachable(portals: readonly FoundTarget[]): Promise<readonly FoundTarget[]> {
  const answers = await Promise.allSettled(portals.map(({ address, port }) => needService(address, port)));
  const found = portals.filter((_, index) => answers[index]?.status === 'fulfilled');
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (found.length === 0 && failed) throw failed.reason;
  return found;
}
