import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificate, daysLeft, loadOrMakeCertificate } from './certificate.js';

let dir: string;
let made: Certificate;
beforeAll(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'certificate-test-')), 'data');
  made = await loadOrMakeCertificate(dir);
});
afterAll(() => rm(join(dir, '..'), { recursive: true, force: true }));

it('makes an RSA certificate for the names and addresses of this machine', () => {
  const certificate = new X509Certificate(made.cert);
  expect(made.made).toBe(true);
  expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
  for (const name of [hostname(), 'localhost']) expect(certificate.checkHost(name)).toBe(name);
  for (const ip of ['127.0.0.1', '::1']) expect(certificate.checkIP(ip)).toBeDefined();
  expect(made.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(daysLeft(made.cert)).toBeGreaterThan(3_600);
  expect(daysLeft(made.cert, new Date('2100-01-01'))).toBeLessThan(0);
});

it('keeps the key to its owner and leaves nothing else behind', async () => {
  expect((await stat(join(dir, 'tls'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(dir, 'tls', 'key.pem'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dir)).toEqual(['tls']);
});

it('takes the same at the next start', async () => {
  expect(await loadOrMakeCertificate(dir)).toEqual({ ...made, made: false });
});

it('refuses a pair that does not belong together, and half a pair', async () => {
  const other = await loadOrMakeCertificate(join(dir, 'other'));
  await writeFile(join(dir, 'tls', 'cert.pem'), other.cert);
  await expect(loadOrMakeCertificate(dir)).rejects.toThrow('do not belong together');
  await unlink(join(dir, 'tls', 'cert.pem'));
  await expect(loadOrMakeCertificate(dir)).rejects.toThrow('only one of key.pem and cert.pem');
});
