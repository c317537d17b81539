/** Whose value a sample is. */
export interface MetricOwner {
  readonly kind: 'host' | 'vm' | 'sr';
  readonly uuid: string;
}

/** One measured value. Names as clients know them: `cpu0`, `memory_total_kib`, `vif_0_rx`, ... */
export interface Metric {
  readonly owner: MetricOwner;
  readonly name: string;
  readonly description: string;
  readonly units: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Measures a host and its guests; one call gives everything. */
export interface HostMetrics {
  sample(): Promise<readonly Metric[]>;
}
