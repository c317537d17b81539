import type { Addresses } from '../config/addresses-file.js';

/** What somebody who has just started the gateway wants to know. */
export interface Banner {
  readonly version: string;
  /** What the pool appears as, such as `XCP-ng 8.3`. */
  readonly product: string;
  /** What stands behind it: `emulated pool: 2 hosts, 4 VMs`. */
  readonly pool: string;
  readonly addresses: Addresses;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly fingerprint?: string;
  readonly dataDir: string;
  readonly user: string;
  /** Only when it was made by this start: it is printed this once and never again. */
  readonly madePassword?: string;
  /** What was decided because nobody said: which host, which port. */
  readonly notices?: readonly string[];
}

/** The lines that `start` prints when it serves. For people: scripts read addresses.json. */
export function bannerLines({
  version,
  product,
  pool,
  addresses,
  fingerprint,
  dataDir,
  user,
  madePassword,
  notices = [],
}: Banner): string[] {
  const { https, http, unix } = addresses;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['pool', pool],
    ['HTTPS', https],
    ['HTTP', http],
    ['socket', unix],
    ['certificate', fingerprint === undefined ? undefined : `SHA-256 ${fingerprint}`],
    ['data', dataDir],
    ['user', user],
    ['password', madePassword === undefined ? undefined : `${madePassword}   (made now, shown only this once)`],
  ];
  const shown = facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)}${value}`]));
  return [...notices, `XenAPI gateway ${version}, appearing as ${product}`, ...shown];
}
