/** A commit that goes on in a domain, until the domain has gone over or it was ended. */
export interface RunningCommit {
  /** Ends it: resolves when the domain is as it was. */
  giveUp(): Promise<void>;
}

/**
 * What is done to the layers of domains' disks by itself, within this process. It comes last: it waits for nobody, lets no domain go on that
 * somebody else holds, and ends when something is to be done with the domain that libvirt does not do meanwhile.
 */
export class DomainMerges {
  private readonly held = new Map<string, number>();
  private readonly turning = new Map<string, Promise<unknown>>();
  private readonly commits = new Map<string, Set<RunningCommit>>();

  /** Does work for which a domain is held: nothing begins in it meanwhile. */
  async hold<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    this.held.set(uuid, (this.held.get(uuid) ?? 0) + 1);
    try {
      await this.turning.get(uuid);
      return await work();
    } finally {
      const left = (this.held.get(uuid) ?? 1) - 1;
      if (left > 0) this.held.set(uuid, left);
      else this.held.delete(uuid);
    }
  }

  /** The same for work that libvirt refuses while a commit goes on. */
  without<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    return this.hold(uuid, async () => {
      for (const commit of [...(this.commits.get(uuid) ?? [])]) await commit.giveUp();
      return work();
    });
  }

  /** Whether nothing may begin in a domain. */
  isHeld(uuid: string): boolean {
    return this.held.has(uuid) || this.turning.has(uuid);
  }

  /** A commit goes on from now on. Returns what says that it has ended. */
  add(uuid: string, commit: RunningCommit): () => void {
    const commits = this.commits.get(uuid) ?? new Set();
    this.commits.set(uuid, commits.add(commit));
    return () => {
      commits.delete(commit);
      if (commits.size === 0) this.commits.delete(uuid);
    };
  }

  /** Does work of a moment, for which others wait. To be called when the domain is not held. */
  async turn<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    const result = work();
    const settled = result.catch(() => undefined);
    this.turning.set(uuid, settled);
    try {
      return await result;
    } finally {
      this.turning.delete(uuid);
    }
  }
}
