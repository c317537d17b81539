import { performance } from 'node:perf_hooks';

/** Space of an SR in bytes. */
export interface MeasuredSpace {
  readonly physicalSize: number;
  readonly physicalUtilisation: number;
}

/** What metrics need of storage. */
export interface MeasuredStorage {
  attachedSrs(): readonly string[];
  space(sr: string): Promise<MeasuredSpace>;
}

/** Milliseconds for which a size holds: it moves slowly, and looking costs more than counters do. */
const HOLDS = 60_000;
/** Milliseconds that a sample waits for sizes; storage that hangs must not hold up the rest. */
const PATIENCE = 1000;

interface Looked {
  readonly at: number;
  readonly space: MeasuredSpace | undefined;
}

/** How full the attached SRs are, looked at once a minute. */
export class SrSpaces {
  readonly #storage: MeasuredStorage;
  readonly #warn: (error: unknown, message: string) => void;
  readonly #looked = new Map<string, Looked>();
  readonly #looking = new Map<string, Promise<void>>();

  constructor(storage: MeasuredStorage, warn: (error: unknown, message: string) => void) {
    this.#storage = storage;
    this.#warn = warn;
  }

  /** The attached SRs, with the space of those that have told of it. Never rejects. */
  async read(): Promise<readonly (readonly [sr: string, space: MeasuredSpace | undefined])[]> {
    const attached = this.#storage.attachedSrs();
    for (const sr of this.#looked.keys()) if (!attached.includes(sr)) this.#looked.delete(sr);
    const now = performance.now();
    const due = attached.filter((sr) => now - (this.#looked.get(sr)?.at ?? Number.NEGATIVE_INFINITY) >= HOLDS);
    if (due.length) await inTime(Promise.all(due.map((sr) => this.#look(sr))));
    return attached.map((sr) => [sr, this.#looked.get(sr)?.space]);
  }

  #look(sr: string): Promise<void> {
    let looking = this.#looking.get(sr);
    if (!looking) {
      looking = this.#storage
        .space(sr)
        .catch((thrown: unknown) => {
          this.#warn(thrown, `the space of the SR ${sr} could not be measured`);
          return undefined;
        })
        .then((space) => void this.#looked.set(sr, { at: performance.now(), space }))
        .finally(() => this.#looking.delete(sr));
      this.#looking.set(sr, looking);
    }
    return looking;
  }
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
