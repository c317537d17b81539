import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.js';

const DIRECTORY = 'unfinished-copies';

const noteSchema = z.object({
  /** Uuids of the SR and of the volume that is made there. */
  sr: z.string(),
  volume: z.string(),
  /** Whether a record of it is there before it has its content. */
  filling: z.boolean(),
  /** The disk whose place it takes when it is complete: its VDI, and where its data is. */
  moves: z.object({ vdi: z.string(), sr: z.string(), location: z.string() }).optional(),
  /** The drive of a running domain that goes over to it. */
  drive: z.object({ host: z.string(), domain: z.string(), vbd: z.string() }).optional(),
});

/** A copy of a disk that is on its way, all by uuids and locations. */
export type CopyNote = Readonly<z.infer<typeof noteSchema>>;

/** Notes on copies that are made, each a file of the data directory: a daemon that is killed finds them at its next start. */
export class UnfinishedCopies {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, DIRECTORY);
  }

  /** Writes a note, which is on disk when this resolves. Resolves to its name. */
  async begin(note: CopyNote): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const name = `${randomUUID()}.json`;
    await writeFileAtomically(join(this.#directory, name), JSON.stringify(note));
    return name;
  }

  /** Removes a note: what it is about is recorded, or gone. */
  async end(name: string): Promise<void> {
    await rm(join(this.#directory, name), { force: true });
  }

  /** All notes that are there; undefined for one that cannot be read. */
  async all(): Promise<{ readonly name: string; readonly note: CopyNote | undefined }[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return Promise.all(
      names.filter((name) => name.endsWith('.json')).map(async (name) => ({ name, note: await this.#read(name) })),
    );
  }

  async #read(name: string): Promise<CopyNote | undefined> {
    try {
      return noteSchema.parse(JSON.parse(await readFile(join(this.#directory, name), 'utf8')));
    } catch {
      return undefined;
    }
  }
}
