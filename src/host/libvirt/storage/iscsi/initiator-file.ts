import { access, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomically } from '../../../../files/atomic-write.js';
import { isIqn } from '../../../sr-types/device-config.js';
import type { Initiator } from '../../../storage-network.js';
import { refusal } from '../../../storage-refusal.js';
import { needTools, type Tools } from '../tools/tools.js';

/** The line of the file that has the name. */
const NAME = /^InitiatorName=(\S+)$/m;

/** Milliseconds for the daemon to end, and between two looks. */
const [PATIENCE, INTERVAL] = [5000, 100];

/** Where an initiator is on a host. */
export interface InitiatorPlaces {
  /** File with the name. */
  readonly file?: string;
  /** File with the process id of the daemon that reads it. */
  readonly pid?: string;
  /** What is there while systemd runs. */
  readonly systemd?: string;
}

/** The initiator of open-iscsi. */
export class InitiatorFile implements Initiator {
  readonly #tools: Tools;
  readonly #file: string;
  readonly #pid: string;
  readonly #systemd: string;

  constructor(tools: Tools, places: InitiatorPlaces = {}) {
    const { file = '/etc/iscsi/initiatorname.iscsi', pid = '/run/iscsid.pid', systemd = '/run/systemd/system' } = places;
    this.#tools = tools;
    this.#file = file;
    this.#pid = pid;
    this.#systemd = systemd;
  }

  async name(): Promise<string> {
    return NAME.exec(await this.#text())?.[1] ?? '';
  }

  async rename(name: string): Promise<void> {
    if (!isIqn(name)) throw refusal('badIqn', `${name} is no name of an iSCSI initiator`);
    await needTools(this.#tools, 'iscsiInitiator', 'iscsiadm');
    const text = await this.#text();
    if (NAME.exec(text)?.[1] === name) return;
    const line = `InitiatorName=${name}`;
    const changed = NAME.test(text) ? text.replace(NAME, () => line) : `${text.replace(/\n*$/, '\n').trimStart()}${line}\n`;
    try {
      await writeFileAtomically(this.#file, changed);
      await this.#readAgain();
    } catch (thrown) {
      throw refusal('iscsiInitiator', thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  async #text(): Promise<string> {
    return readFile(this.#file, 'utf8').catch(() => '');
  }

  /** The daemon reads the file when it starts. Sessions that there are live in the kernel, and it finds them again. */
  async #readAgain(): Promise<void> {
    if (!(await this.#isRunning())) return;
    if (await isThere(this.#systemd)) {
      await this.#tools.run('systemctl', ['try-restart', 'iscsid.service']);
      return;
    }
    await this.#tools.run('iscsiadm', ['-k', '0']);
    for (const end = Date.now() + PATIENCE; await this.#isRunning(); await sleep(INTERVAL)) {
      if (Date.now() > end) throw new Error('iscsid does not end');
    }
    await this.#tools.run('iscsid', []);
  }

  async #isRunning(): Promise<boolean> {
    const pid = Number((await readFile(this.#pid, 'utf8').catch(() => '')).trim());
    return Number.isInteger(pid) && pid > 0 && isThere(`/proc/${pid}`);
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
