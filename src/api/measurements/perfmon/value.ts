import type { Metric } from '../../../host/metrics.js';
import { MAX_SOURCES } from '../owner-archives.js';
import type { WatchedVariable } from './config.js';

/** The value of a variable, measurement by measurement. */
export class VariableValue {
  readonly #variable: WatchedVariable;
  /** Whether a name belongs to it: an expression is tried on each name once. */
  readonly #known = new Map<string, boolean>();

  constructor(variable: WatchedVariable) {
    this.#variable = variable;
  }

  /** The value in a measurement; NaN when nothing measured belongs to it. */
  of(metrics: readonly Metric[]): number {
    const found = metrics.filter(({ name }) => this.#belongs(name));
    if (!found.length) return Number.NaN;
    const { combination } = this.#variable;
    if (combination === 'share_used') return shareUsed(found);
    const sum = found.reduce((total, { value }) => total + value, 0);
    return combination === 'average' ? sum / found.length : sum;
  }

  #belongs(name: string): boolean {
    let belongs = this.#known.get(name);
    if (belongs === undefined) {
      belongs = this.#variable.sources.test(name);
      if (this.#known.size >= MAX_SOURCES) this.#known.clear();
      this.#known.set(name, belongs);
    }
    return belongs;
  }
}

function shareUsed(metrics: readonly Metric[]): number {
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return of('physical_utilisation') / of('size');
}
