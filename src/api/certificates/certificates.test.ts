import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCertificate, checkServerCertificate } from './check.js';
import { makeSelfSigned } from './self-signed.js';
import { TrustStore } from './store.js';

const ERRORS = {
  invalid: 'CA_CERTIFICATE_INVALID',
  notYet: 'CA_CERTIFICATE_NOT_VALID_YET',
  expired: 'CA_CERTIFICATE_EXPIRED',
} as const;

let made: { key: string; cert: string };
let other: { key: string; cert: string };

beforeAll(async () => {
  [made, other] = await Promise.all([makeSelfSigned(['192.0.2.1']), makeSelfSigned([])]);
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return (thrown as { code?: string }).code;
  }
}

describe('checkServerCertificate', () => {
  it('takes what belongs together', () => {
    expect(checkServerCertificate(made.cert, made.key, '').subjectAltName).toContain('192.0.2.1');
    expect(codeOf(() => checkServerCertificate(made.cert, made.key, other.cert))).toBeUndefined();
  });

  it('names what is wrong', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const curve = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(codeOf(() => checkServerCertificate(made.cert, other.key, ''))).toBe('SERVER_CERTIFICATE_KEY_MISMATCH');
    expect(codeOf(() => checkServerCertificate('x', made.key, ''))).toBe('SERVER_CERTIFICATE_INVALID');
    expect(codeOf(() => checkServerCertificate(made.cert, 'x', ''))).toBe('SERVER_CERTIFICATE_KEY_INVALID');
    expect(codeOf(() => checkServerCertificate(made.cert, made.key, 'x'))).toBe('SERVER_CERTIFICATE_CHAIN_INVALID');
    expect(codeOf(() => checkServerCertificate(made.cert, String(weak), ''))).toBe(
      'SERVER_CERTIFICATE_KEY_RSA_LENGTH_NOT_SUPPORTED',
    );
    expect(codeOf(() => checkServerCertificate(made.cert, String(curve), ''))).toBe(
      'SERVER_CERTIFICATE_KEY_ALGORITHM_NOT_SUPPORTED',
    );
  });
});

describe('checkCertificate', () => {
  it('looks at the time', () => {
    const year = 365 * 86_400_000;
    expect(codeOf(() => checkCertificate(made.cert, ERRORS, new Date(Date.now() - year)))).toBe('CA_CERTIFICATE_NOT_VALID_YET');
    expect(codeOf(() => checkCertificate(made.cert, ERRORS, new Date(Date.now() + 20 * year)))).toBe('CA_CERTIFICATE_EXPIRED');
    expect(codeOf(() => checkCertificate(made.cert, ERRORS))).toBeUndefined();
  });
});

describe('TrustStore', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'trust-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('keeps, lists and removes', async () => {
    const store = new TrustStore(dir);
    expect(await store.list('ca')).toEqual([]);
    await store.install('ca', 'a.pem', 'text');
    expect(await store.list('ca')).toEqual(['a.pem']);
    expect(await store.list('crl')).toEqual([]);
    expect(await store.read('ca', 'a.pem')).toBe('text');
    await expect(store.install('ca', 'a.pem', 'other')).rejects.toMatchObject({ code: 'CERTIFICATE_ALREADY_EXISTS' });
    await store.uninstall('ca', 'a.pem', false);
    await expect(store.uninstall('ca', 'a.pem', false)).rejects.toMatchObject({ code: 'CERTIFICATE_DOES_NOT_EXIST' });
    await store.uninstall('ca', 'a.pem', true);
  });

  it('takes no name that leads elsewhere', async () => {
    const store = new TrustStore(dir);
    for (const name of ['../a.pem', '.a.pem', 'a/b.pem', 'a', '', 'a\0.pem', 'a.pem\n'])
      await expect(store.install('crl', name, ''), name).rejects.toMatchObject({ code: 'CRL_NAME_INVALID', params: [name] });
  });
});
