// Process that asks PAM about one password and ends. PAM blocks a thread for seconds after a wrong password, and its
// modules are native code of others: neither belongs in the daemon.
import type { PamReply, PamRequest } from './pam-messages.js';

type Authenticate = (name: string, password: string, done: (error: unknown) => void, options: { serviceName: string }) => void;

async function answer({ module, service, name, password }: PamRequest): Promise<PamReply> {
  let authenticate: Authenticate | undefined;
  try {
    authenticate = authenticateOf(await import(module));
  } catch (thrown) {
    if (isMissing(thrown)) return { kind: 'missing' };
    return { kind: 'broken', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  if (authenticate === undefined) return { kind: 'broken', reason: 'it has no function authenticate' };
  const ask = authenticate;
  return new Promise((resolve) => {
    ask(name, password, (error) => resolve({ kind: error === undefined || error === null ? 'right' : 'wrong' }), {
      serviceName: service,
    });
  });
}

/** The package is CommonJS: its functions are members of the default export, or of the module itself. */
function authenticateOf(imported: unknown): Authenticate | undefined {
  for (const holder of [imported, member(imported, 'default')]) {
    const found = member(holder, 'authenticate');
    if (typeof found === 'function') return found as Authenticate;
  }
  return undefined;
}

function member(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
}

process.once('message', async (request: PamRequest) => {
  const reply = await answer(request);
  process.send?.(reply, () => process.disconnect());
});
