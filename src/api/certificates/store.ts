import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.js';
import { ApiError, type ErrorCode } from '../../model/error.js';

/** Kinds of files that a pool keeps to know whom it trusts. */
export type TrustKind = 'ca' | 'crl' | 'trusted-ca' | 'pinned';

interface KindErrors {
  readonly name: ErrorCode;
  readonly exists: ErrorCode;
  readonly missing: ErrorCode;
}

const CERTIFICATE: KindErrors = {
  name: 'CERTIFICATE_NAME_INVALID',
  exists: 'CERTIFICATE_ALREADY_EXISTS',
  missing: 'CERTIFICATE_DOES_NOT_EXIST',
};
const ERRORS: { readonly [K in TrustKind]: KindErrors } = {
  ca: CERTIFICATE,
  crl: { name: 'CRL_NAME_INVALID', exists: 'CRL_ALREADY_EXISTS', missing: 'CRL_DOES_NOT_EXIST' },
  'trusted-ca': CERTIFICATE,
  pinned: CERTIFICATE,
};

/** Longest name that a file system takes; longest text of a certificate or list that is kept. */
const MAX_NAME_LENGTH = 255;
const MAX_TEXT_LENGTH = 1024 * 1024;
/** Files of a kind: far more than anybody trusts, and few enough to list. */
const MAX_FILES = 1000;

/** Files with certificates and revocation lists in `DIR/certificates/KIND`, by names that clients choose. */
export class TrustStore {
  readonly #dir: string;

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'certificates');
  }

  /** Names of a kind, in order. */
  async list(kind: TrustKind): Promise<string[]> {
    try {
      return (await readdir(join(this.#dir, kind))).filter((name) => isSafe(name)).sort();
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
      throw thrown;
    }
  }

  /** Keeps a text under a name. Throws the kind's error for a name that is unsafe or taken. */
  async install(kind: TrustKind, name: string, text: string): Promise<void> {
    const path = this.#path(kind, name);
    if (text.length > MAX_TEXT_LENGTH) throw new ApiError('INVALID_VALUE', 'cert', `longer than ${MAX_TEXT_LENGTH}`);
    if (await isThere(path)) throw new ApiError(ERRORS[kind].exists, name);
    if ((await this.list(kind)).length >= MAX_FILES) throw new ApiError('CERTIFICATE_LIBRARY_CORRUPT');
    await mkdir(join(this.#dir, kind), { recursive: true, mode: 0o700 });
    await writeFileAtomically(path, text, 0o644);
  }

  /** Removes what is kept under a name. Unless forced, throws the kind's error when there is nothing. */
  async uninstall(kind: TrustKind, name: string, force: boolean): Promise<void> {
    const path = this.#path(kind, name);
    if (!force && !(await isThere(path))) throw new ApiError(ERRORS[kind].missing, name);
    await rm(path, { force: true });
  }

  /** The text under a name. Throws the kind's error when there is none. */
  async read(kind: TrustKind, name: string): Promise<string> {
    const path = this.#path(kind, name);
    if (!(await isThere(path))) throw new ApiError(ERRORS[kind].missing, name);
    return readFile(path, 'utf8');
  }

  #path(kind: TrustKind, name: string): string {
    if (!isSafe(name)) throw new ApiError(ERRORS[kind].name, name);
    return join(this.#dir, kind, name);
  }
}

/** Letters, digits and a few signs, no dot first, `.pem` at the end: such a name leads nowhere else. */
function isSafe(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.pem$/.test(name);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
