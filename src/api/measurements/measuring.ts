import type { Host } from '../../host/host.js';
import type { Metric } from '../../host/metrics.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { byOwner } from './by-owner.js';
import { measureControlDomain } from './control-domain.js';
import type { Measured } from './measurements.js';
import { PerformanceAlarms } from './perfmon/alarms.js';
import { measureToolstack } from './toolstack.js';

/** Measures hosts for the archives and for alarms, each by itself: one that answers slowly holds up nobody else. */
export class Measuring {
  readonly #api: Api;
  readonly #alarms: PerformanceAlarms;
  readonly #busy = new Set<string>();
  #keeping = false;

  constructor(api: Api) {
    this.#api = api;
    this.#alarms = new PerformanceAlarms(api);
  }

  /** Measures a host and all that is on it. Never rejects; a host that is still being measured is left alone. */
  async look(ref: Ref<'host'>, host: Host): Promise<void> {
    if (this.#busy.has(ref)) return;
    this.#busy.add(ref);
    try {
      const sample = await host.metrics.sample();
      const now = Date.now();
      const record = this.#api.db.find('host', ref);
      if (!record || !sample.length) return;
      const measured = this.#withOwn(ref, record.fields.uuid, sample);
      await this.#api.measurements.take(now, measured);
      this.#alarms.look(now, ref, measured);
    } catch (thrown) {
      this.#api.log.warn({ err: thrown, host: ref }, 'a host could not be measured');
    } finally {
      this.#busy.delete(ref);
    }
  }

  /** Forgets what was kept of objects that were destroyed while nobody looked. Never rejects. */
  async begin(): Promise<void> {
    try {
      await this.#api.measurements.removeOrphans();
    } catch (thrown) {
      this.#api.log.warn({ err: thrown }, 'measurements of earlier objects could not be removed');
    }
  }

  /** Brings a part of what was measured to disk. Never rejects. */
  async keep(): Promise<void> {
    if (this.#keeping) return;
    this.#keeping = true;
    try {
      await this.#api.measurements.keep();
    } catch (thrown) {
      this.#api.log.warn({ err: thrown }, 'measurements could not be kept');
    } finally {
      this.#keeping = false;
    }
  }

  /** The sample by owner, with what the daemon knows itself. */
  #withOwn(ref: Ref<'host'>, uuid: string, sample: readonly Metric[]): Measured[] {
    const measured = byOwner(sample);
    const ofHost = measured.find(({ owner }) => owner.kind === 'host' && owner.uuid === uuid);
    if (!ofHost) return measured;
    const control = measureControlDomain(this.#api, ref, ofHost.metrics);
    const own = ref === this.#api.localHost ? measureToolstack(ofHost.owner) : [];
    return [
      { owner: ofHost.owner, metrics: [...ofHost.metrics, ...own] },
      ...(control ? [control] : []),
      ...measured.filter((one) => one !== ofHost),
    ];
  }
}
