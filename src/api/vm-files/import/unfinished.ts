import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../files/atomic-write.js';

const DIRECTORY = 'unfinished-imports';

const noteSchema = z.object({
  vms: z.array(z.string()),
  networks: z.array(z.string()),
  disks: z.array(z.object({ sr: z.string(), uuid: z.string() })),
});

/** What an import may have made before it has ended: references, and of disks, which storage knows by them, the uuids. */
export type ImportNote = z.infer<typeof noteSchema>;

/** Notes on imports that go on, each a file of the data directory: a daemon that is killed finds them at its next start. */
export class UnfinishedImports {
  readonly #directory: string;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, DIRECTORY);
  }

  /** Writes a note, which is on disk when this resolves. Resolves to its name. */
  async begin(note: ImportNote): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const name = `${randomUUID()}.json`;
    await writeFileAtomically(join(this.#directory, name), JSON.stringify(note));
    return name;
  }

  /** Removes a note: the import has ended, or nothing is left of it. */
  async end(name: string): Promise<void> {
    await rm(join(this.#directory, name), { force: true });
  }

  /** All notes that are there; undefined for one that cannot be read. */
  async all(): Promise<{ readonly name: string; readonly note: ImportNote | undefined }[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return Promise.all(
      names.filter((name) => name.endsWith('.json')).map(async (name) => ({ name, note: await this.#read(name) })),
    );
  }

  async #read(name: string): Promise<ImportNote | undefined> {
    try {
      return noteSchema.parse(JSON.parse(await readFile(join(this.#directory, name), 'utf8')));
    } catch {
      return undefined;
    }
  }
}
