import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { z } from 'zod';
import { writeFileAtomically } from '../../../../files/atomic-write.js';

const held = z.object({
  iqn: z.string(),
  holders: z.array(z.string()),
  logins: z.array(z.object({ address: z.string(), port: z.string() })),
});

/** A target that SRs use, and the logins there that are ours. */
export type HeldTarget = z.infer<typeof held>;

const VISITOR = 'visit-';

/** A holder that needs a target for a moment, and that nobody asks for any more when the process has ended. */
export function visitor(): string {
  return VISITOR + newUuid();
}

/** Whether a holder is such a one. */
export function isVisitor(holder: string): boolean {
  return holder.startsWith(VISITOR);
}

/**
 * Which targets SRs use. It is written down where it goes with the sessions, when the machine does: a session that was there before is not ours to end,
 * and one that an earlier process has made is.
 */
export class HeldTargets {
  readonly #directory: string;

  constructor(runDirectory: string) {
    this.#directory = join(runDirectory, 'iscsi');
  }

  async get(iqn: string): Promise<HeldTarget> {
    return (await this.#read(this.#path(iqn))) ?? { iqn, holders: [], logins: [] };
  }

  /** Every target that is held. */
  async all(): Promise<readonly HeldTarget[]> {
    const names = await readdir(this.#directory).catch((): string[] => []);
    const found = names.filter((name) => name.endsWith('.json')).map((name) => this.#read(join(this.#directory, name)));
    return (await Promise.all(found)).filter((target) => target !== undefined);
  }

  async put(target: HeldTarget): Promise<void> {
    const path = this.#path(target.iqn);
    if (target.holders.length === 0 && target.logins.length === 0) return rm(path, { force: true });
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFileAtomically(path, JSON.stringify(target));
  }

  async #read(path: string): Promise<HeldTarget | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : held.parse(JSON.parse(text));
  }

  /** Names come from servers: of one, nothing becomes part of a path. */
  #path(iqn: string): string {
    return join(this.#directory, `${createHash('sha256').update(iqn).digest('hex').slice(0, 32)}.json`);
  }
}
