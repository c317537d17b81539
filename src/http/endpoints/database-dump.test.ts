import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test-support.js';
import { databaseDumpEndpoints } from './database-dump.js';

let server: TestServer;
let pieces: () => Iterable<string> = () => [];
beforeAll(async () => {
  server = await startTestServer({ endpoints: databaseDumpEndpoints(() => pieces()) });
});
afterAll(() => server.stop());

const get = (session: string) =>
  server.client().send(`GET /pool/xmldbdump?session_id=${session} HTTP/1.1\r\nHost: x\r\n\r\n`).end();

it('sends the pieces, under a task, and closes the connection', async () => {
  pieces = () => ['<database>', '</database>'];
  const text = (await get('OpaqueRef:admin')).toString();
  expect(text).toMatch(/^HTTP\/1.1 200 /);
  expect(text).toContain('<database>');
  expect(text).toContain('</database>');
  expect(server.tasks.log.splice(0)).toEqual(['begin OpaqueRef:made OpaqueRef:admin', 'success OpaqueRef:made']);
});

it('tells its task of a failure half way, and does not send what looks whole', async () => {
  pieces = function* () {
    yield '<database>';
    throw new Error('a fault');
  };
  const text = (await get('OpaqueRef:admin')).toString();
  // The last piece of a whole reply is an empty one.
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(server.tasks.log.splice(0)).toEqual(['begin OpaqueRef:made OpaqueRef:admin', 'failure OpaqueRef:made INTERNAL_ERROR']);
});

it.each([
  ['OpaqueRef:reader', 403],
  ['OpaqueRef:dead', 401],
])('refuses %s', async (session, status) => {
  const reply = await server.client().send(`GET /pool/xmldbdump?session_id=${session} HTTP/1.1\r\nHost: x\r\n\r\n`).reply();
  expect(reply.status).toContain(String(status));
});
