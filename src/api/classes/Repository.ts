import { isIP } from 'node:net';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';

/** Where a pool keeps the updates that it gives to others. */
const POOL_REPOSITORY_PATH = '/repository/enabled';
const KEY_FILE = /^[\w-]*$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*\.?$/i;

function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const web = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!web || !(isIP(host) || HOST_NAME.test(host))) throw new ApiError('INVALID_BASE_URL', text);
}

function assertPoolUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url?.protocol !== 'https:' || !isIP(host) || url.pathname !== POOL_REPOSITORY_PATH)
    throw new ApiError('INVALID_BASE_URL', text);
}

function assertKeyFile(path: string): void {
  if (!KEY_FILE.test(path)) throw new ApiError('INVALID_GPGKEY_PATH', path);
}

/** Throws REPOSITORY_ALREADY_EXISTS when one has the name or the address. */
function assertNew(db: Database, same: (other: Fields<'Repository'>) => boolean): void {
  const [other] = db.filter('Repository', same);
  if (other) throw new ApiError('REPOSITORY_ALREADY_EXISTS', other[0]);
}

const introduce: Handler<'Repository', 'introduce'> = storedOnly(
  ({ api: { db } }, name_label, name_description, binary_url, source_url, update, gpgkey_path): Ref<'Repository'> => {
    assertUrl(binary_url);
    assertUrl(source_url);
    assertKeyFile(gpgkey_path);
    assertNew(db, (other) => other.name_label === name_label || other.binary_url === binary_url);
    return db.create('Repository', { name_label, name_description, binary_url, source_url, update, gpgkey_path });
  },
);

const introduceBundle: Handler<'Repository', 'introduce_bundle'> = storedOnly(
  ({ api: { db } }, name_label, name_description): Ref<'Repository'> => {
    assertNew(db, (other) => other.name_label === name_label);
    const [bundle] = db.filter('Repository', ({ origin }) => origin === 'bundle');
    if (bundle) throw new ApiError('BUNDLE_REPOSITORY_ALREADY_EXISTS', bundle[0]);
    return db.create('Repository', { name_label, name_description, update: true, origin: 'bundle' });
  },
);

const introducePool: Handler<'Repository', 'introduce_remote_pool'> = storedOnly(
  ({ api: { db } }, name_label, name_description, binary_url, certificate): Ref<'Repository'> => {
    assertPoolUrl(binary_url);
    assertNew(db, (other) => other.name_label === name_label || other.binary_url === binary_url);
    return db.create('Repository', {
      name_label,
      name_description,
      binary_url,
      certificate,
      update: true,
      origin: 'remote_pool',
    });
  },
);

/** Sources of updates. They are only kept: hosts have no way to install any. */
export const Repository: ClassBehaviour<'Repository'> = {
  messages: {
    introduce,
    introduce_bundle: introduceBundle,
    introduce_remote_pool: introducePool,
    forget: ({ api }, self) => {
      api.db.get('Repository', self);
      if (api.db.get('pool', api.pool).repositories.includes(self)) throw new ApiError('REPOSITORY_IS_IN_USE');
      api.db.destroy('Repository', self);
    },
    set_gpgkey_path: storedOnly(({ api: { db } }, self, path) => {
      assertKeyFile(path);
      db.set('Repository', self, { gpgkey_path: path });
    }),
  },
};
