import type { Ref } from '../../../model/ref.js';
import type { Work } from '../export/export.js';
import type { FileClass } from '../file-classes.js';
import type { FileObjects } from './file-objects.js';

/** Key of a VM that an import has made: its task, for clients that follow one. */
export const IMPORT_TASK_KEY = 'import_task';

/** Key of a VM whose import goes on. One that still has it after a start of the daemon is swept. */
export const UNFINISHED_KEY = 'unfinished_import';

/** How a file is imported. */
export interface ImportOptions {
  /** VMs come back as the very same: uuids and MAC addresses kept. */
  readonly restore: boolean;
  /** Some things that do not fit are passed over. */
  readonly force: boolean;
}

/** What objects of the pool take the place of those of a file. */
export class ImportedRefs {
  readonly #refs = new Map<string, string>();

  /** Notes what an object of the file is here. */
  set<C extends FileClass>(_className: C, id: string, ref: Ref<C>): void {
    this.#refs.set(id, ref);
  }

  /** What an object of the file is here; undefined when it is nothing. */
  find<C extends FileClass>(_className: C, id: string): Ref<C> | undefined {
    return this.#refs.get(id) as Ref<C> | undefined;
  }
}

/** An import on its way. */
export interface ImportContext extends Work {
  readonly objects: FileObjects;
  readonly refs: ImportedRefs;
  readonly options: ImportOptions;
}
