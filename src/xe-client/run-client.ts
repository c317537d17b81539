import { VERSION } from '../wire/xe/hello.js';
import { XeProtocolError } from '../wire/xe/protocol-error.js';
import { completionScript } from './completion/script.js';
import { converse, SIGN_OF_LIFE } from './conversation.js';
import { DebugLines } from './debug-lines.js';
import { serverEndpoints } from './endpoint.js';
import { readFingerprint } from './fingerprint.js';
import { Output } from './output.js';
import { ClientProblem, OutputClosed } from './problem.js';
import { ServerConnection } from './server-connection.js';
import { readSettings, type Settings } from './settings/settings.js';
import { USAGE } from './usage.js';
import type { World } from './world.js';

/** Exit code of a program whose reader has gone: what shells report for the signal that others end with. */
const BROKEN_PIPE = 141;

/**
 * Runs a command line (without program and script). Resolves to the exit code; all output is out then.
 *
 * @param signOfLife milliseconds between those of a long transfer
 */
export async function runClient(args: readonly string[], world: World, signOfLife: number = SIGN_OF_LIFE): Promise<number> {
  const output = new Output(world);
  try {
    const code = (await withoutServer(args, output)) ?? (await withServer(args, world, output, signOfLife));
    await output.flush();
    return code;
  } catch (thrown) {
    if (thrown instanceof OutputClosed) return BROKEN_PIPE;
    // Output that is still to be shown before may find nobody any more.
    await output.complain(`${explain(thrown)}\n`).catch(() => {});
    return 1;
  }
}

function explain(thrown: unknown): string {
  if (thrown instanceof ClientProblem) return thrown.message;
  if (thrown instanceof XeProtocolError) return `Unhandled exception: ${thrown.message}`;
  return `Unhandled exception: ${thrown instanceof Error ? thrown.stack : String(thrown)}`;
}

/** What the client knows by itself; undefined when it is nothing of that. */
async function withoutServer(args: readonly string[], output: Output): Promise<number | undefined> {
  if (args.includes('-version')) await output.print(`ThinCLI protocol: ${VERSION.major}.${VERSION.minor}\n`);
  else if (args.includes('--help') || args.includes('-help')) await output.complain(USAGE);
  else if (args[0] === '--completion') await output.print(completionScript(args[1]));
  else return undefined;
  return 0;
}

async function withServer(args: readonly string[], world: World, output: Output, signOfLife: number): Promise<number> {
  const complaints: string[] = [];
  const rest = args.filter((word) => word !== '--fingerprint');
  const settings = readSettings(rest, world, (line) => complaints.push(line));
  for (const line of complaints) await output.complain(`${line}\n`);
  if (rest.length < args.length) {
    await output.print(`${await readFingerprint(settings)}\n`);
    return 0;
  }
  if (settings.words.length === 0) {
    await output.complain(USAGE);
    return 0;
  }
  return ask(settings, world, output, signOfLife);
}

async function ask(settings: Settings, world: World, output: Output, signOfLife: number): Promise<number> {
  const debug = new DebugLines(output, settings);
  let connection: ServerConnection | undefined;
  let code = 1;
  try {
    connection = await ServerConnection.open(
      serverEndpoints(settings, world),
      settings,
      world,
      () => output.flush(),
      (line) => debug.add(line),
    );
    code = await converse({ connection, settings, world, output, debug, signOfLife });
    return code;
  } finally {
    connection?.close();
    if (code !== 0) await debug.failed();
  }
}
