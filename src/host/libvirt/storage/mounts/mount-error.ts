import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { CommandError } from '../../network/commands.js';

/** Why something could not be mounted or unmounted: it is used, the kernel does not know the kind, something else. */
type MountFailure = 'busy' | 'unknown type' | 'failed';

/** What `mount` and `umount` said when they failed. */
export class MountError extends Error {
  override readonly name = 'MountError';
  readonly failure: MountFailure;

  constructor(failure: MountFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** A failed program as a MountError; `type` is the kind of file system. Anything else as it is. */
export function mountError(thrown: unknown, type: string): unknown {
  if (!(thrown instanceof CommandError)) return thrown;
  const text = plain(thrown.text);
  if (/\b(?:is busy|already mounted|Device or resource busy)\b/.test(text))
    return new MountError('busy', `It is in use: ${text}`);
  if (/unknown filesystem type|No such device/.test(text)) {
    const advice = `The kernel of this host has no ${type}: boot one that has, such as that of the package linux-image-amd64`;
    return new MountError('unknown type', advice);
  }
  return new MountError('failed', text);
}

/** What the programs said, without their own names, our directories and hints for people at a terminal. */
function plain(text: string): string {
  return text
    .split('; ')
    .map((part) => part.replace(/^u?mount(?:\.\w+)?: (?:\/[^:]*: )?/, '').replace(/\.$/, ''))
    .filter((part) => part !== '' && !part.startsWith('dmesg(1)'))
    .join('; ');
}

/** Does work with mounts; what goes wrong there is refused under the number that clients know for that kind of SR. */
export async function mounting<T>(kind: RefusalKind, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof MountError) throw refusal(kind, thrown.message);
    throw thrown;
  }
}
