import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Costs of scrypt: 2^`ln` rounds over blocks of `r`·128 bytes, `p` times. Kept with each hash, so that they can be raised. */
export interface HashCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a fifth of a second per guess on a 2020s server; one of the settings that OWASP recommends. */
export const TODAYS_COST: HashCost = { ln: 15, r: 8, p: 3 };

/** What a stored hash may ask for: a damaged accounts file must not make the daemon take all memory. */
const MAX_COST: HashCost = { ln: 20, r: 16, p: 16 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,88})\$([A-Za-z0-9+/]{22,88})$/;

interface ParsedHash {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** A salted slow hash of a password, as one line of text. */
export async function hashPassword(password: string, cost = TODAYS_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost, HASH_BYTES);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

/** Whether a password belongs to a hash. Takes the same time whether it does or not. Rejects when the hash is not one of ours. */
export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const { cost, salt, hash } = parse(stored);
  return timingSafeEqual(await derive(password, salt, cost, hash.length), hash);
}

/** Spends the time of a comparison on nothing, so that an unknown name is answered as late as a wrong password. */
export async function compareWithNothing(password: string, cost = TODAYS_COST): Promise<void> {
  await derive(password, Buffer.alloc(SALT_BYTES), cost, HASH_BYTES);
}

/** Whether a hash was made with lower costs than given. */
export function isWeakerThan(stored: string, wanted: HashCost): boolean {
  const { cost } = parse(stored);
  return cost.ln < wanted.ln || cost.r < wanted.r || cost.p < wanted.p;
}

/** Whether text is a hash that we can check passwords against. */
export function isPasswordHash(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function derive(password: string, salt: Buffer, { ln, r, p }: HashCost, length: number): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    // Twice what the algorithm needs: Node refuses exactly that much.
    scrypt(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r + 1024 * p * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parse(stored: string): ParsedHash {
  const [, ln, r, p, salt = '', hash = ''] = FORMAT.exec(stored) ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const bounded = (['ln', 'r', 'p'] as const).every((name) => cost[name] >= 1 && cost[name] <= MAX_COST[name]);
  if (!bounded) throw new Error('not a password hash of a kind that this version knows');
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
