import type { Metric } from '../../../host/metrics.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import type { Api } from '../../api.js';
import type { Measured } from '../measurements.js';
import { AlarmState } from './alarm-state.js';
import { alarmBody } from './body.js';
import { PerfmonError, parsePerfmon, type WatchedVariable } from './config.js';
import { VariableValue } from './value.js';

/** Where the configuration stands. */
const KEY = 'perfmon';

const CLASSES = { host: 'host', vm: 'VM', sr: 'SR' } as const;

/** What the classes are called in messages. */
const MESSAGE_CLASSES = { host: 'Host', VM: 'VM', SR: 'SR' } as const;

/** What one object is watched for, and how far each of its alarms has come. */
interface Watched {
  readonly object: Watchable;
  readonly text: string;
  readonly variables: readonly {
    readonly variable: WatchedVariable;
    readonly value: VariableValue;
    readonly state: AlarmState;
  }[];
}

interface Watchable {
  readonly className: 'host' | 'VM' | 'SR';
  readonly ref: string;
  readonly uuid: string;
}

/** Sends an alarm when an object does for too long what its `other_config:perfmon` says it should not. */
export class PerformanceAlarms {
  readonly #api: Api;
  /** By the object; an SR counts once for each host, because what is done on it is of one host. */
  readonly #watched = new Map<string, Watched>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Looks at what was measured on a host. */
  look(now: number, host: Ref<'host'>, measured: readonly Measured[]): void {
    const { db } = this.#api;
    const ofHost = measured.find(({ owner }) => owner.kind === 'host')?.metrics ?? [];
    for (const { owner, metrics } of measured) {
      const className = CLASSES[owner.kind];
      const ref = db.table(className).refsByUuid.get(owner.uuid);
      const text = ref === undefined ? undefined : db.get(className, ref).other_config.get(KEY);
      if (ref === undefined || text === undefined) continue;
      const all = owner.kind === 'sr' ? [...metrics, ...throughput(ofHost, owner.uuid)] : metrics;
      this.#lookAt(now, `${host} ${ref}`, { className, ref, uuid: owner.uuid }, text, all);
    }
    for (const [key, { object }] of this.#watched)
      if (!db.find(object.className, object.ref)?.fields.other_config.has(KEY)) this.#watched.delete(key);
  }

  #lookAt(now: number, key: string, object: Watchable, text: string, metrics: readonly Metric[]): void {
    let watched = this.#watched.get(key);
    if (watched?.text !== text) {
      watched = {
        object,
        text,
        variables: this.#parse(object, text).map((variable) => ({
          variable,
          value: new VariableValue(variable),
          state: new AlarmState(),
        })),
      };
      this.#watched.set(key, watched);
    }
    const cls: EnumValue<'cls'> = MESSAGE_CLASSES[object.className];
    for (const { variable, value, state } of watched.variables) {
      const reached = value.of(metrics);
      if (!state.look(now, variable, reached)) continue;
      const body = alarmBody(variable, reached);
      this.#api.alerts.create({ name: 'ALARM', priority: variable.priority, cls, objUuid: object.uuid, body });
    }
  }

  /** A configuration that cannot be read watches nothing: whoever wrote it finds out why in the log. */
  #parse({ className, uuid }: Watchable, text: string): WatchedVariable[] {
    try {
      return parsePerfmon(text);
    } catch (thrown) {
      if (!(thrown instanceof PerfmonError)) throw thrown;
      this.#api.log.warn({ class: className, uuid, reason: thrown.message }, 'other_config:perfmon cannot be used');
      return [];
    }
  }
}

/** What a host moves to and from an SR: the host has that, under the beginning of the SR's uuid. */
function throughput(ofHost: readonly Metric[], sr: string): Metric[] {
  return ofHost.filter(({ name }) => name.startsWith('io_throughput_') && name.endsWith(`_${sr.slice(0, 8)}`));
}
