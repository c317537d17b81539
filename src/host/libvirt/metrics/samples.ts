import type { Metric, MetricOwner } from '../../metrics.js';

/** Collects the values of one owner. */
export class Samples {
  readonly #found: Metric[];
  readonly #owner: MetricOwner;

  constructor(found: Metric[], owner: MetricOwner) {
    this.#found = found;
    this.#owner = owner;
  }

  /** Adds a value that cannot be negative; one that is not known is left out, one above the maximum is the maximum. */
  add(
    name: string,
    description: string,
    units: string,
    value: number | undefined,
    maximum: number = Number.POSITIVE_INFINITY,
  ): void {
    if (value === undefined || Number.isNaN(value)) return;
    // Clocks that are read one after the other make a busy CPU a little busier than it can be.
    const bounded = Math.min(maximum, Math.max(0, value));
    this.#found.push({ owner: this.#owner, name, description, units, value: bounded, minimum: 0, maximum });
  }
}
