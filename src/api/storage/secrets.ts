import type { Database } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';

type Config = ReadonlyMap<string, string>;

const SECRET = 'password_secret';

/**
 * A device_config as it is kept: passwords become secrets (`password` turns into `password_secret`), and secrets that
 * the client made become copies, for clients destroy theirs afterwards.
 */
export function ownSecrets(db: Database, config: Config): Map<string, string> {
  const own = new Map<string, string>();
  for (const [key, value] of config) {
    const secret = key.endsWith(SECRET) ? secretOf(db, value) : undefined;
    if (key.endsWith('password')) own.set(`${key}_secret`, newSecret(db, value));
    else own.set(key, secret ? newSecret(db, db.get('secret', secret).value) : value);
  }
  return own;
}

/** Removes the secrets that a device_config names. */
export function removeSecrets(db: Database, config: Config): void {
  for (const [key, value] of config) {
    const secret = key.endsWith(SECRET) ? secretOf(db, value) : undefined;
    if (secret) db.destroy('secret', secret);
  }
}

/** A device_config with the passwords that it names, for the host's eyes only. */
export function revealPasswords(db: Database, config: Config): Map<string, string> {
  const revealed = new Map(config);
  for (const [key, value] of config) {
    const secret = key.endsWith(SECRET) ? secretOf(db, value) : undefined;
    if (secret) revealed.set(key.slice(0, -'_secret'.length), db.get('secret', secret).value);
  }
  return revealed;
}

function newSecret(db: Database, value: string): string {
  return db.get('secret', db.create('secret', { value })).uuid;
}

function secretOf(db: Database, uuid: string): Ref<'secret'> | undefined {
  return db.table('secret').refsByUuid.get(uuid) as Ref<'secret'> | undefined;
}
