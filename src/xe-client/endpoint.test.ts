import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Endpoint, endpointText, serverEndpoints } from './endpoint.js';
import { readSettings } from './settings/settings.js';
import type { World } from './world.js';

function ways(args: readonly string[], env: World['env'] = {}, administrator = true): string[] {
  const nothing = new PassThrough();
  const world: World = { env, directory: '/', administrator, stdin: nothing, stdout: nothing, stderr: nothing };
  return serverEndpoints(
    readSettings(args, world, () => {}),
    world,
  ).map((endpoint: Endpoint) => endpointText(endpoint));
}

const SOCKETS = ['/var/lib/xenapi-gateway/xenapi.sock', '/var/lib/xcp/xapi'];

describe('the way to the server', () => {
  it.each([
    [
      ['-s', '127.0.0.1'],
      [...SOCKETS, 'tcp 127.0.0.1 port 80'],
    ],
    [[], [...SOCKETS, 'tcp 127.0.0.1 port 80']],
    [['-p', '8080'], ['tcp 127.0.0.1 port 8080']],
    [['-s', '127.0.0.1', '-p', '443'], ['tcp 127.0.0.1 port 443']],
    [['-s', 'localhost'], ['tls localhost port 443']],
    [['-s', 'h', '-p', '8443'], ['tls h port 8443']],
    [['-s', 'h', '--nossl'], ['tcp h port 80']],
    [['-s', 'h', '--nossl', '-p', '8080'], ['tcp h port 8080']],
  ])('of %j', (args, expected) => {
    expect(ways(args)).toEqual(expected);
  });

  it('is a chosen socket and nothing else, or none', () => {
    expect(ways([], { XE_UNIX_SOCKET: '/x.sock' })).toEqual(['/x.sock']);
    expect(ways([], { XE_UNIX_SOCKET: '' })).toEqual(['tcp 127.0.0.1 port 80']);
    expect(ways(['-p', '80'], { XE_UNIX_SOCKET: '/x.sock' })).toEqual(['tcp 127.0.0.1 port 80']);
    expect(ways(['-s', 'h'], { XE_UNIX_SOCKET: '/x.sock' })).toEqual(['tls h port 443']);
  });

  it('is the daemon of a user first who is not the administrator', () => {
    expect(ways([], { HOME: '/h' }, false)[0]).toBe('/h/.local/state/xenapi-gateway/xenapi.sock');
    expect(ways([], { HOME: '/h', XDG_STATE_HOME: '/s' }, false)[0]).toBe('/s/xenapi-gateway/xenapi.sock');
  });
});
