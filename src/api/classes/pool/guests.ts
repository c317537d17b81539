import { ApiError } from '../../../model/error.js';
import { refused, storedOnly } from '../../behaviour.js';
import type { PoolMessages } from './messages.js';

/** What may be told to agents in guests, and which values each takes. */
const AGENT_SETTINGS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['auto_update_enabled', (value: string) => value === 'true' || value === 'false'],
  ['auto_update_url', (value: string) => /^https?:/.test(value)],
]);

const TAR_BLOCK = 512;
const TAR_NAME = 100;
/** Where a tar header holds the length of a file, in octal. */
const TAR_SIZE = { start: 124, end: 136 };

/** Names of the files in a tar archive. */
function filesIn(archive: Buffer): Set<string> {
  const names = new Set<string>();
  for (let offset = 0; offset + TAR_BLOCK <= archive.length; ) {
    const name = archive.toString('utf8', offset, offset + TAR_NAME).replace(/\0.*$/s, '');
    if (name === '') break;
    names.add(name.split('/').at(-1) ?? name);
    const size = Number.parseInt(archive.toString('latin1', offset + TAR_SIZE.start, offset + TAR_SIZE.end), 8) || 0;
    offset += TAR_BLOCK + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  return names;
}

/** What holds for all guests of the pool. */
export const guestMessages: PoolMessages = {
  add_to_guest_agent_config: storedOnly(({ api: { db } }, self, key, value) => {
    if (!AGENT_SETTINGS.get(key)?.(value)) throw new ApiError('INVALID_VALUE', 'guest_agent_config', `${key} = ${value}`);
    const { guest_agent_config: config } = db.get('pool', self);
    if (config.has(key)) throw new ApiError('MAP_DUPLICATE_KEY', 'pool', 'guest_agent_config', self, key);
    db.set('pool', self, { guest_agent_config: new Map([...config, [key, value]]) });
  }),
  remove_from_guest_agent_config: storedOnly(({ api: { db } }, self, key) => {
    const config = new Map(db.get('pool', self).guest_agent_config);
    config.delete(key);
    db.set('pool', self, { guest_agent_config: config });
  }),
  get_guest_secureboot_readiness: ({ api: { db } }, self) => {
    const { custom_uefi_certificates: custom, uefi_certificates: shipped } = db.get('pool', self);
    const files = filesIn(Buffer.from(custom || shipped, 'base64'));
    if (!['PK.auth', 'KEK.auth', 'db.auth'].every((name) => files.has(name))) return 'not_ready';
    return files.has('dbx.auth') ? 'ready' : 'ready_no_dbx';
  },
  set_uefi_certificates: refused('OPERATION_NOT_ALLOWED', 'use pool.set_custom_uefi_certificates instead'),
  set_custom_uefi_certificates: storedOnly(({ api: { db } }, self, value) => {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) throw new ApiError('INVALID_VALUE', 'custom_uefi_certificates', 'not base64');
    db.set('pool', self, { custom_uefi_certificates: value });
  }),
};
