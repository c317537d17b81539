import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../schema/endpoints.js';
import { RawClient, startTestServer, type TestServer } from './test-support.js';

let server: TestServer;
let ready = true;
beforeAll(async () => {
  server = await startTestServer({
    ready: () => (ready ? { ready: true } : { ready: false, reason: 'loading' }),
    endpoints: {
      get_services: async (request, res) => {
        const task = await request.beginTask('Listing');
        await task.succeed();
        res.end(`services at ${request.path}`);
      },
      get_audit_log: () => Promise.reject(new Error('a fault')),
    },
    connectEndpoints: {
      connect_console: async (request, socket, firstBytes) => {
        request.requireSub('host_console');
        socket.write(`HTTP/1.1 200 OK\r\n\r\n${request.query.get('ref')} ${firstBytes}`);
        socket.on('data', (data) => socket.write(data));
      },
    },
  });
  server.blobs.add('public', { mimeType: 'image/png', public: true }, 'picture');
  server.blobs.add('private', { mimeType: 'text/html\r\nX-Evil: 1', public: false }, 'secret');
  server.blobs.add('empty', { mimeType: 'text/plain', public: false });
});
afterAll(() => server.stop());
afterEach(() => {
  server.tasks.log.length = 0;
  server.authenticator.released.length = 0;
});

const ask = (line: string, head: readonly string[] = [], body = '') =>
  server
    .client()
    .send([`${line} HTTP/1.1`, 'Host: x', ...head, '', body].join('\r\n'))
    .reply();
const basic = (text: string) => [`Authorization: Basic ${Buffer.from(text).toString('base64')}`];
const ADMIN = 'session_id=OpaqueRef:admin';

describe('credentials', () => {
  it.each([
    ['a session in a cookie', '/services', [`Cookie: ${ADMIN}`], 'OpaqueRef:admin'],
    ['a cookie before the query', '/services?session_id=OpaqueRef:wrong', [`Cookie: a=b&${ADMIN}`], 'OpaqueRef:admin'],
    ['a session in the query', `/services?${ADMIN}`, [], 'OpaqueRef:admin'],
    ['an encoded session', '/services?session_id=OpaqueRef%3Aadmin', [], 'OpaqueRef:admin'],
    ['the pool secret', '/services', ['Cookie: pool_secret=shared'], 'OpaqueRef:pool'],
    ['a password', '/services', basic('root:secret:colon'), 'OpaqueRef:basic'],
    ['a session before a password', `/services?${ADMIN}`, basic('root:wrong'), 'OpaqueRef:admin'],
  ])('may be %s', async (_what, path, head, session) => {
    expect((await ask(`GET ${path}`, head)).status).toBe('HTTP/1.1 200 OK');
    expect(server.tasks.log[0]).toBe(`begin OpaqueRef:made ${session}`);
    expect(server.authenticator.released).toEqual([{ ref: session }]);
  });

  it.each([
    ['none', '/services', []],
    ['a dead session', '/services?session_id=OpaqueRef:dead', []],
    ['a dead session beside a good password', '/services?session_id=OpaqueRef:dead', basic('root:secret:colon')],
    ['a wrong password', '/services', basic('root:wrong')],
    ['what is no base64', '/services', ['Authorization: Basic ???']],
    ['a scheme that is not known', '/services', ['Authorization: Bearer abc']],
  ])('are refused: %s', async (_what, path, head) => {
    const reply = await ask(`GET ${path}`, head);
    expect(reply.status).toBe('HTTP/1.1 401 Unauthorized');
    expect(reply.headers).toMatchObject({
      'www-authenticate': 'Basic realm="XenAPI"',
      'content-type': 'text/html',
      connection: 'close',
    });
    expect(server.tasks.log).toEqual([]);
  });

  it('are not needed on the Unix socket, but must be right when they are there', async () => {
    const local = (path: string) => RawClient.to(server.unixSocketPath).send(`GET ${path} HTTP/1.1\r\n\r\n`).reply();
    expect((await local('/services')).status).toBe('HTTP/1.1 200 OK');
    expect((await local('/services?session_id=OpaqueRef:dead')).status).toBe('HTTP/1.1 401 Unauthorized');
  });

  it('must come with the role', async () => {
    expect((await ask('GET /services?session_id=OpaqueRef:reader')).status).toBe('HTTP/1.1 403 Forbidden');
    expect((await ask('GET /blob?ref=private&session_id=OpaqueRef:reader')).status).toBe('HTTP/1.1 200 OK');
  });
});

describe('tasks', () => {
  it('that the client has named are driven, also when nothing comes of the request', async () => {
    await ask(`GET /services?${ADMIN}&task_id=OpaqueRef:t1`);
    await ask('GET /services?session_id=OpaqueRef:dead&task_id=OpaqueRef:t2');
    await ask('GET /services?session_id=OpaqueRef:reader', ['Cookie: task_id=OpaqueRef:t3']);
    await ask(`GET /export/?${ADMIN}&task_id=OpaqueRef:t4`);
    await ask(`GET /audit_log?${ADMIN}&task_id=OpaqueRef:t5`);
    expect(server.tasks.log).toEqual([
      'begin OpaqueRef:t1 OpaqueRef:admin',
      'success OpaqueRef:t1',
      'failNamed OpaqueRef:t2 SESSION_AUTHENTICATION_FAILED',
      'failNamed OpaqueRef:t3 RBAC_PERMISSION_DENIED',
      'failNamed OpaqueRef:t4 NOT_IMPLEMENTED',
      'failNamed OpaqueRef:t5 INTERNAL_ERROR',
    ]);
  });
});

describe('endpoints that nobody serves', () => {
  const served = ['get_services', 'get_audit_log', 'get_blob', 'put_blob'];
  const unserved = endpoints.filter(
    ({ name, method, open }) => (method === 'GET' || method === 'PUT') && !open && !served.includes(name),
  );

  it.each(unserved.map(({ name, method, path }) => [name, method, path] as const))(
    'fail the task that a command line waits for: %s',
    async (_name, method, path) => {
      const client = server.client().send(`${method} ${path}?${ADMIN}&task_id=OpaqueRef:t HTTP/1.0\r\n\r\n`);
      expect((await client.reply()).status).toMatch(/^HTTP\/1\.0 (501|404) /);
      await client.end();
      await expect.poll(() => server.tasks.log).toEqual(['failNamed OpaqueRef:t NOT_IMPLEMENTED']);
    },
  );
});

describe('paths', () => {
  it('go to the longest that they begin with', async () => {
    expect((await ask(`GET /services/other?${ADMIN}`)).body).toBe('services at /services/other');
    expect((await ask(`GET /services/SM?${ADMIN}`)).status).toBe('HTTP/1.1 501 Not Implemented');
  });

  it('that clients ask unbidden are absent rather than refused', async () => {
    expect((await ask(`GET /updates?${ADMIN}`)).status).toBe('HTTP/1.1 404 Not Found');
  });

  it('of the model are all there: served, refused without credentials, or said not to be offered', async () => {
    const statuses = new Map<string, string>();
    for (const { name, method, path } of endpoints) statuses.set(name, (await ask(`${method} ${path}`)).status.slice(9, 12));
    const open = endpoints.filter((e) => e.open).map((e) => [e.name, statuses.get(e.name)]);
    expect(endpoints.filter((e) => !e.open).map((e) => statuses.get(e.name))).toEqual(
      endpoints.filter((e) => !e.open).map(() => '401'),
    );
    expect(Object.fromEntries(open)).toEqual({
      get_root: '200',
      post_cli: '501',
      get_blob: '401',
      // Calls without a Content-Length.
      post_root: '500',
      post_RPC2: '500',
      post_json: '500',
      post_jsonrpc: '500',
      post_root_options: '200',
      post_json_options: '200',
      post_jsonrpc_options: '200',
      get_pool_update_download: '501',
    });
  });

  it('that nobody knows are 404, and so are odd ones', async () => {
    expect((await ask('GET /nothing')).status).toBe('HTTP/1.1 404 Not Found');
    expect((await ask('PUT /nothing')).status).toBe('HTTP/1.1 404 Not Found');
    expect((await ask('GET /%')).status).toBe('HTTP/1.1 404 Not Found');
    expect((await ask('GET /<script>')).body).not.toContain('<script>');
    expect((await ask('DELETE /')).status).toBe('HTTP/1.1 405 Method Not Allowed');
    expect((await ask('GET /')).body).toContain('XenAPI gateway');
  });

  it('whose handler has failed are 500, with the fault in the log and not in the page', async () => {
    const reply = await ask(`GET /audit_log?${ADMIN}`);
    expect(reply.status).toBe('HTTP/1.1 500 Internal Error');
    expect(reply.body).not.toContain('a fault');
    expect(JSON.stringify(server.log)).toContain('a fault');
    expect(JSON.stringify(server.log)).not.toContain('OpaqueRef:admin');
  });

  it('answer cross-origin questions', async () => {
    for (const path of ['/', '/json', '/jsonrpc', '*']) {
      const reply = await ask(`OPTIONS ${path}`, ['Origin: http://x', 'Access-Control-Request-Headers: content-type, x-a']);
      expect(reply).toMatchObject({
        status: 'HTTP/1.1 200 OK',
        body: '',
        headers: {
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'PUT',
          'access-control-allow-headers': 'content-type, x-a, X-Requested-With',
        },
      });
    }
    expect((await ask('OPTIONS /')).headers['access-control-allow-headers']).toBe('X-Requested-With');
  });
});

describe('CONNECT', () => {
  it('is served on a fresh connection, without a Host, with what was sent ahead', async () => {
    const client = server.client().send(`CONNECT /console?ref=OpaqueRef:c&${ADMIN} HTTP/1.0\r\n\r\nahead`);
    await client.until((bytes) => bytes.toString() === 'HTTP/1.1 200 OK\r\n\r\nOpaqueRef:c ahead');
    client.send('echo');
    await client.until((bytes) => bytes.toString().endsWith('echo'));
    client.socket.destroy();
  });

  it('is served on a connection that has been used for calls', async () => {
    const client = server.client().send('GET / HTTP/1.1\r\n\r\n');
    await client.reply();
    client.send(`CONNECT /console?ref=r HTTP/1.1\r\nCookie: ${ADMIN}\r\n\r\n`);
    await client.until((bytes) => bytes.toString().endsWith('\r\n\r\nr '));
    client.socket.destroy();
  });

  it('is refused with a page', async () => {
    expect((await ask('CONNECT /console?ref=r')).status).toBe('HTTP/1.1 401 Unauthorized');
    expect((await ask('CONNECT /console?session_id=OpaqueRef:reader')).status).toBe('HTTP/1.1 403 Forbidden');
    expect((await ask(`CONNECT /remotecmd?${ADMIN}`)).status).toBe('HTTP/1.1 501 Not Implemented');
    expect((await ask('CONNECT example.com:443')).status).toBe('HTTP/1.1 404 Not Found');
  });
});

describe('blobs', () => {
  it('are read with their type and length, public ones by anyone', async () => {
    const reply = await ask('GET /blob?uuid=public');
    expect(reply).toMatchObject({
      status: 'HTTP/1.1 200 OK',
      body: 'picture',
      headers: { 'content-type': 'image/png', 'content-length': '7' },
    });
    expect((await ask('GET /blob?ref=public&session_id=OpaqueRef:dead')).status).toBe('HTTP/1.1 401 Unauthorized');
    expect((await ask('GET /blob?ref=private')).status).toBe('HTTP/1.1 401 Unauthorized');
    expect((await ask('GET /blob?ref=unknown')).status).toBe('HTTP/1.1 401 Unauthorized');
    expect(server.tasks.log).toEqual([]);
    const known = await ask(`GET /blob?ref=private&${ADMIN}`);
    expect(known.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'task-id': 'OpaqueRef:made' });
    expect(known.headers).not.toHaveProperty('x-evil');
    expect(server.tasks.log).toEqual(['begin OpaqueRef:made OpaqueRef:admin', 'success OpaqueRef:made']);
  });

  it('are 404 when they or their content do not exist', async () => {
    for (const query of ['ref=unknown', 'ref=empty', 'x=y'])
      expect((await ask(`GET /blob?${query}&${ADMIN}`)).status).toBe('HTTP/1.1 404 Not Found');
    expect(server.tasks.log).toEqual(['begin OpaqueRef:made OpaqueRef:admin', 'failure OpaqueRef:made INTERNAL_ERROR']);
  });

  it('are written', async () => {
    const reply = await ask(`PUT /blob?ref=empty&${ADMIN}&task_id=OpaqueRef:t`, ['Content-Length: 5'], 'hello');
    expect(reply).toMatchObject({ status: 'HTTP/1.1 200 OK', headers: { 'task-id': 'OpaqueRef:t' } });
    expect(server.blobs.content.get('empty')?.toString()).toBe('hello');
    expect(server.tasks.log).toEqual(['begin OpaqueRef:t OpaqueRef:admin', 'success OpaqueRef:t']);
  });

  it('get the head of the reply before the body in HTTP/1.0', async () => {
    const client = server.client().send(`PUT /blob?ref=empty&${ADMIN} HTTP/1.0\r\nContent-Length: 5\r\n\r\n`);
    expect((await client.until((bytes) => bytes.includes('\r\n\r\n'))).toString()).toContain('HTTP/1.0 200 OK\r\n');
    client.send('later');
    await client.end();
    expect(server.blobs.content.get('empty')?.toString()).toBe('later');
    expect(server.tasks.log).toContain('success OpaqueRef:made');
  });

  it('stay as they were when the body breaks off, has no length, or is too long', async () => {
    server.blobs.content.set('empty', Buffer.from('before'));
    const client = server.client().send(`PUT /blob?ref=empty&${ADMIN} HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf`);
    await expect.poll(() => server.tasks.log.length).toBe(1);
    client.socket.destroy();
    await expect.poll(() => server.tasks.log[1]).toBe('failure OpaqueRef:made INTERNAL_ERROR');
    expect((await ask(`PUT /blob?ref=empty&${ADMIN}`, ['Transfer-Encoding: chunked'])).status).toBe(
      'HTTP/1.1 411 Length Required',
    );
    expect((await ask(`PUT /blob?ref=empty&${ADMIN}`, ['Content-Length: 99999999999'])).status).toBe(
      'HTTP/1.1 413 Payload Too Large',
    );
    expect(server.blobs.content.get('empty')?.toString()).toBe('before');
  });
});

describe('for operators', () => {
  it('there are health, readiness and metrics with known names only', async () => {
    expect((await ask('GET /healthz')).body).toBe('ok\n');
    expect((await ask('GET /readyz')).status).toBe('HTTP/1.1 200 OK');
    ready = false;
    expect(await ask('GET /readyz')).toMatchObject({ status: 'HTTP/1.1 503 Service Unavailable', body: 'not ready: loading\n' });
    ready = true;
    for (const method of ['VM.start', 'VM_metrics_get_record', 'Async.VM.start', 'made.up', 'x'.repeat(50)]) {
      const body = JSON.stringify({ method, params: [], id: 1 });
      await ask('POST /jsonrpc', [`Content-Length: ${body.length}`], body);
    }
    const { body, headers } = await ask('GET /metrics');
    expect(headers['content-type']).toContain('version=0.0.4');
    expect(body).toContain('xenapi_calls_total{class="VM",outcome="failure"} 2');
    expect(body).toContain('xenapi_calls_total{class="VM_metrics",outcome="failure"} 1');
    expect(body).toContain('xenapi_calls_total{class="unknown",outcome="failure"} 2');
    expect(body).toContain('xenapi_http_requests_total{endpoint="get_blob",status="404"}');
    expect(body).toMatch(/^xenapi_connections [1-9]/m);
    expect(body).not.toContain('made');
  });
});
