import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkCertificate, checkNode, checkPort } from './machine-checks.js';

const DAY = 86_400_000;
let directory: string;
let key: string;
let cert: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doctor-'));
  await mkdir(join(directory, 'tls'));
  const now = Date.now();
  const pair = await generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + 100 * DAY),
  });
  key = pair.private;
  cert = pair.cert;
});
afterAll(() => rm(directory, { recursive: true }));

const put = (name: string, text: string): Promise<void> => writeFile(join(directory, 'tls', name), text);

it.each([
  [0, 'ok', 'holds for'],
  [80, 'warn', 'ends in'],
  [101, 'fail', 'has ended'],
  [-2, 'warn', 'begins only'],
])('judges a certificate %i days from now: %s', async (days, grade, found) => {
  await put('key.pem', key);
  await put('cert.pem', cert);
  expect(await checkCertificate(directory, Date.now() + days * DAY)).toMatchObject({
    grade,
    found: expect.stringContaining(found),
  });
});

it('refuses a certificate of another key', async () => {
  const other = await generate([{ name: 'commonName', value: 'other' }], { keyType: 'ec' });
  await put('key.pem', other.private);
  await put('cert.pem', cert);
  expect(await checkCertificate(directory)).toMatchObject({ grade: 'fail', found: 'does not belong to key.pem' });
});

it.each([
  ['18.20.0', 'fail'],
  ['20.11.1', 'fail'],
  ['20.12.0', 'ok'],
  ['22.1.0', 'ok'],
])('judges Node.js %s: %s', (version, grade) => {
  expect(checkNode(version).grade).toBe(grade);
});

it('names the address when it is not of this machine', async () => {
  const finding = await checkPort('192.0.2.1', { name: 'https-port', port: 8443, standard: 443, instead: 8443 });
  expect(finding).toMatchObject({ grade: 'fail', found: '192.0.2.1 port 8443 is not on this machine' });
});
