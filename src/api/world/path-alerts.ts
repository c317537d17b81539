import { toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { type PathCount, pathCounts } from '../storage/path-counts.js';

/** Milliseconds for what belongs together to come in: with a switch, the paths to many units go. */
const GATHERING = 2000;

/** Seconds between two messages: a path that comes and goes is told of once in that time. Clients know the number from the text. */
const PERIOD = 120;

/** Events that are told of in one message; a switch that goes takes a path of each unit. */
const MOST_EVENTS = 1000;

/** How long messages are waited for; tests have it shorter. */
export interface AlertTimes {
  readonly gathering: number;
  readonly period: number;
}

/** Tells people, in one message for many, that ways to storage are lost or there again. */
export class PathAlerts {
  readonly #api: Api;
  readonly #times: AlertTimes;
  readonly #events: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(api: Api, times: AlertTimes = { gathering: GATHERING, period: PERIOD * 1000 }) {
    this.#api = api;
    this.#times = times;
  }

  /** The other_config of a PBD has changed. What is no news of a lost path is passed over. */
  note(pbd: Ref<'PBD'>, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
    const known = new Map(pathCounts(before).map((count) => [count.scsiId, count]));
    for (const count of pathCounts(after)) {
      const was = known.get(count.scsiId);
      if (was?.current === count.current && was.max === count.max) continue;
      const isNews = count.current !== count.max || (was !== undefined && was.current !== was.max);
      if (isNews && this.#events.length < MOST_EVENTS) this.#events.push(this.#line(pbd, count));
    }
    if (this.#events.length === 0 || this.#timer !== undefined) return;
    const due = Math.max(this.#times.gathering, this.#sent + this.#times.period - Date.now());
    this.#timer = setTimeout(() => this.#send(), due).unref();
  }

  /** Sends nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #send(): void {
    const { db, alerts, pool, log } = this.#api;
    this.#timer = undefined;
    this.#sent = Date.now();
    const events = this.#events.splice(0);
    try {
      const unhealthy = [...db.all('PBD')].flatMap(([ref, { other_config }]) =>
        pathCounts(other_config)
          .filter(({ current, max }) => current !== max)
          .map((count) => this.#line(ref, count)),
      );
      const state = unhealthy.length > 0 ? ['Unhealthy paths:', ...unhealthy] : [];
      const body = [...state, `Events received during the last ${PERIOD} seconds:`, ...events, ''].join('\n');
      alerts.send('MULTIPATH_PERIODIC_ALERT', 'Pool', db.get('pool', pool).uuid, body);
    } catch (thrown) {
      log.error({ err: thrown }, 'a message about paths could not be sent');
    }
  }

  #line(pbd: Ref<'PBD'>, { scsiId, current, max }: PathCount): string {
    const { db } = this.#api;
    const { host, uuid } = db.get('PBD', pbd);
    const { uuid: hostUuid, name_label } = db.get('host', host);
    // Clients take the text apart by its lines.
    const name = name_label.replace(/\p{Cc}/gu, ' ');
    const who = `host=${hostUuid}; host-name="${name}"; pbd=${uuid}; scsi_id=${scsiId}`;
    return `[${toDateTime()}] ${who}; current=${current}; max=${max}`;
  }
}
