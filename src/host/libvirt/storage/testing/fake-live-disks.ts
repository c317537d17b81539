import type { LiveDisks, VolumeSource } from '../../volume-source.js';

/** Domains that use volumes as far as storage sees it: tests say which path is used, and see what storage asked for. */
export class FakeLiveDisks implements LiveDisks {
  /** Domains by the path that each writes to. */
  readonly users = new Map<string, string>();
  readonly switches: { readonly path: string; readonly overlay: VolumeSource }[] = [];
  readonly sizes: { readonly path: string; readonly size: number }[] = [];
  readonly listeners = new Set<() => void>();
  /** What the next switch fails with. */
  failure: Error | undefined;

  user(path: string): string | undefined {
    return this.users.get(path);
  }

  async switchTo(path: string, overlay: VolumeSource): Promise<void> {
    const domain = this.users.get(path);
    if (this.failure !== undefined || domain === undefined) throw this.failure ?? new Error(`nobody uses ${path}`);
    this.switches.push({ path, overlay });
    this.users.delete(path);
    this.users.set(overlay.path, domain);
  }

  onReleased(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A domain ends. */
  release(path: string): void {
    this.users.delete(path);
    for (const listener of this.listeners) listener();
  }

  async resize(path: string, size: number): Promise<void> {
    this.sizes.push({ path, size });
  }
}
