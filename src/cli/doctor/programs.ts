import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Directories of programs for administrators, which users often do not have in their path. */
const SYSTEM_PATHS = ['/usr/sbin', '/sbin'];

/** Whether a program is in one of the directories of a path, or where those for administrators are. */
export async function isThere(program: string, path: string): Promise<boolean> {
  const directories = [...path.split(delimiter).filter((part) => part !== ''), ...SYSTEM_PATHS];
  for (const directory of directories) {
    const found = await access(join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
