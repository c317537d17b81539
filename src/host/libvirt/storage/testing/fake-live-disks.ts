import type { LiveDisks, MergedLayers, VolumeSource } from '../../volume-source.js';
import type { MemoryMedium } from './memory-medium.js';

/** Domains that use volumes as far as storage sees it: tests say which path is used, and see what storage asked for. */
export class FakeLiveDisks implements LiveDisks {
  /** Domains by the path that each writes to. */
  readonly users = new Map<string, string>();
  readonly switches: { readonly path: string; readonly overlay: VolumeSource }[] = [];
  readonly sizes: { readonly path: string; readonly size: number }[] = [];
  readonly listeners = new Set<(paths: readonly string[]) => void>();
  /** Where domains find the layers of their disks, for those that move what these hold. */
  medium: MemoryMedium | undefined;
  /** Layers below those that domains write to, by the path of these, while both are written to. */
  readonly mirrors = new Map<string, string>();
  /** What each commit and pivot was about, in order. */
  readonly merges: string[] = [];
  /** Paths of domains that stand still for a pivot. */
  readonly standing = new Set<string>();
  /** Called when a commit has begun; it goes on when that has resolved. */
  onCommit: () => Promise<void> = async () => undefined;
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

  async commit(path: string, layers: MergedLayers, signal: AbortSignal): Promise<void> {
    const [upper = '', lower = ''] = [layers.upper[0], layers.lower[0]];
    if (this.failure !== undefined || !this.users.has(path)) throw this.failure ?? new Error(`nobody uses ${path}`);
    await this.onCommit();
    signal.throwIfAborted();
    this.merges.push(`commit ${upper} ${lower}`);
    this.medium?.commit(upper, lower);
    if (upper === path) this.mirrors.set(path, lower);
    else this.medium?.relinkAbove(path, upper, lower);
  }

  async pivot(path: string, steps: { holding(): Promise<void>; gone(): Promise<void> }): Promise<void> {
    const [domain, lower] = [this.users.get(path), this.mirrors.get(path)];
    if (domain === undefined || lower === undefined) throw new Error(`nothing is ready at ${path}`);
    await steps.holding();
    this.standing.add(path);
    this.merges.push(`pivot ${path} ${lower}`);
    // What was written since is there by then.
    this.medium?.commit(path, lower);
    this.mirrors.delete(path);
    this.users.delete(path);
    this.users.set(lower, domain);
    this.standing.delete(path);
    this.standing.add(lower);
    await steps.gone();
    this.standing.delete(lower);
  }

  async endCommit(path: string): Promise<void> {
    this.mirrors.delete(path);
  }

  async letGo(path: string): Promise<void> {
    this.standing.delete(path);
  }

  onReleased(listener: (paths: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A domain ends. */
  release(path: string): void {
    this.users.delete(path);
    for (const listener of this.listeners) listener([path]);
  }

  async resize(path: string, size: number): Promise<void> {
    this.sizes.push({ path, size });
  }
}
