import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { classModels } from '../model/class-model.js';
import { messageModels } from '../model/message-model.js';

/** From a getter to a long copy, in seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/** Calls of the API, counted by class. */
export interface RpcMetrics {
  /** Notes one call: its name as sent, what came of it, and how long it took in seconds. */
  count(method: string, ok: boolean, seconds: number): void;
}

/** What is measured of the HTTP floor, and the document that Prometheus reads. */
export interface HttpMetrics extends RpcMetrics {
  /** Notes a request that is no call of the API: `endpoint` is a name of the model, or `other`. */
  countRequest(endpoint: string, status: number): void;
  /** Further metrics of other floors go here. */
  readonly registry: Registry;
}

/** Class of a method name as sent; `unknown` for names that the model does not have, whatever clients think up. */
function classNames(): (method: string) => string {
  const classes = new Set(classModels.map((c) => c.name as string));
  const underscored = new Map(messageModels.map((m) => [`${m.class.name}_${m.name}`, m.class.name as string]));
  return (method) => {
    const name = method.startsWith('Async.') ? method.slice('Async.'.length) : method;
    const prefix = name.slice(0, Math.max(0, name.indexOf('.')));
    if (prefix === 'system' || classes.has(prefix)) return prefix;
    return underscored.get(name) ?? 'unknown';
  };
}

/** Makes the metrics of one server. `connections` tells how many are open. */
export function makeMetrics(connections: () => number): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const calls = new Counter({
    name: 'xenapi_calls_total',
    help: 'Calls of the API by class and outcome',
    labelNames: ['class', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'xenapi_call_duration_seconds',
    help: 'Time from a call to its outcome; calls that wait for events included',
    labelNames: ['class'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const requests = new Counter({
    name: 'xenapi_http_requests_total',
    help: 'Requests that are no calls of the API, by endpoint and status',
    labelNames: ['endpoint', 'status'],
    registers,
  });
  new Gauge({
    name: 'xenapi_connections',
    help: 'Open client connections',
    registers,
    collect() {
      this.set(connections());
    },
  });
  const classOf = classNames();
  const labels = new Map<string, { success: object; failure: object; duration: object }>();
  return {
    registry,
    count(method, ok, seconds) {
      const name = classOf(method);
      let known = labels.get(name);
      if (!known) {
        known = {
          success: { class: name, outcome: 'success' },
          failure: { class: name, outcome: 'failure' },
          duration: { class: name },
        };
        labels.set(name, known);
      }
      calls.inc(ok ? known.success : known.failure);
      durations.observe(known.duration, seconds);
    },
    countRequest(endpoint, status) {
      requests.inc({ endpoint, status: String(status) });
    },
  };
}
