import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isScsiId } from '../../../sr-types/device-config.js';
import { refusal } from '../../../storage-refusal.js';
import { CommandError } from '../../network/commands.js';
import { type LogicalUnit, multipathOf } from '../devices/logical-units.js';
import { needTools, type Tools } from '../tools/tools.js';
import { type MultipathMap, parseMaps, SHOW_MAPS } from './maps.js';
import { askMultipathd } from './multipathd.js';

/** Milliseconds for a map of a unit to appear, on a host that has much else to do, and for its paths to come together. */
const [APPEARANCE, GATHERING] = [120_000, 15_000];

/** Milliseconds after which multipathd is reminded of what it has not made a map of, each time. */
const NUDGE = 5000;

/** Milliseconds between two looks, unless tests have no time for that. */
const INTERVAL = 500;

/** Times that a map is tried to be removed: udev looks at devices for moments. */
const ATTEMPTS = 20;

/** The multipath devices of a host. */
export class Multipath {
  readonly #tools: Tools;
  readonly #interval: number;

  constructor(tools: Tools, interval = INTERVAL) {
    this.#tools = tools;
    this.#interval = interval;
  }

  /** Rejects with a refusal that tells what is missing, unless there can be multipath devices. */
  async need(): Promise<void> {
    await needTools(this.#tools, 'multipathDaemon', 'multipath', 'multipathd');
    try {
      await this.maps();
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw refusal('multipathDaemon', `Multipathing is on, but ${why}: start multipathd, of the package multipath-tools`);
    }
  }

  /** All maps, by the SCSI ids of their units. Rejects when multipathd does not answer. */
  async maps(): Promise<ReadonlyMap<string, MultipathMap>> {
    return parseMaps(await askMultipathd(this.#tools, ...SHOW_MAPS));
  }

  /** Has paths of a unit become parts of a map even while there is only one: by its rules, multipathd leaves alone what nobody has asked for. */
  async claim(scsiId: string): Promise<void> {
    if (!isScsiId(scsiId)) throw refusal('badParameter', `${scsiId} is no SCSI id`);
    await this.#run(['-a', scsiId]);
  }

  /** Has paths of a unit left alone again, as far as multipathd's own rules do so. */
  async disclaim(scsiId: string): Promise<void> {
    await this.#run(['-w', scsiId]).catch(() => undefined);
  }

  /**
   * Waits until units are reached by maps. `look` tells what is there; resolves to what it tells then. Units of which no map comes are refused: one path
   * alone would be used without anybody knowing.
   */
  async gathered(
    look: () => Promise<readonly LogicalUnit[]>,
    isMeant: (unit: LogicalUnit) => boolean,
  ): Promise<readonly LogicalUnit[]> {
    const began = Date.now();
    for (let asked = 1; ; ) {
      const units = await look();
      const meant = units.filter(isMeant);
      const lone = meant.filter((unit) => multipathOf(unit) === undefined);
      // The name of a device comes after the device.
      const isThere = meant.every(({ path }) => existsSync(path));
      const isWhole = meant.every(({ joined, paths }) => joined === paths.length);
      const waited = Date.now() - began;
      if (lone.length === 0 && isThere && (isWhole || waited > GATHERING)) return units;
      if (waited > APPEARANCE) {
        const names = (lone.length > 0 ? lone : meant).map(({ scsiId }) => scsiId).join(', ');
        throw refusal('multipath', `multipathd makes no device of ${names}: see whether its settings exclude it`);
      }
      // Paths that came before anybody had asked for them are looked at again.
      if (waited > asked * NUDGE) {
        asked += 1;
        for (const { scsiId } of lone) await askMultipathd(this.#tools, 'add', 'map', scsiId).catch(() => undefined);
      }
      await sleep(this.#interval);
    }
  }

  /** Removes the maps of units, whose paths are about to go. Rejects when somebody uses one. */
  async drop(units: readonly LogicalUnit[]): Promise<void> {
    for (const unit of units) {
      const name = multipathOf(unit);
      if (name === undefined) continue;
      await this.#remove(name);
      await this.disclaim(unit.scsiId);
    }
  }

  /** Gives a map the size that its paths have now. */
  async resize(name: string): Promise<void> {
    await askMultipathd(this.#tools, 'resize', 'map', name);
  }

  async #remove(name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#run(['-f', name]);
        return;
      } catch (thrown) {
        if (attempt === ATTEMPTS) throw thrown;
        await sleep(this.#interval);
      }
    }
  }

  async #run(args: readonly string[]): Promise<void> {
    try {
      await this.#tools.run('multipath', args);
    } catch (thrown) {
      throw thrown instanceof CommandError ? refusal('multipath', thrown.message) : thrown;
    }
  }
}
