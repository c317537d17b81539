import type { Socket } from 'node:net';
import { decodeServerMessage } from '../wire/xe/decode.js';
import { encodeClientMessage } from '../wire/xe/encode.js';
import { checkHello, encodeHello, HELLO_LENGTH, VERSION } from '../wire/xe/hello.js';
import type { ClientMessage, ServerMessage } from '../wire/xe/messages.js';
import { XeProtocolError } from '../wire/xe/protocol-error.js';
import { BODY_LIMIT, encodeRequest } from '../wire/xe/request.js';
import { ByteReader } from './byte-reader.js';
import { connect } from './connect.js';
import { type Endpoint, endpointText } from './endpoint.js';
import { ClientProblem, describe, UNREACHABLE } from './problem.js';
import type { Settings } from './settings/settings.js';
import { write } from './streams.js';
import type { World } from './world.js';

/** Longest message of a server: a line with the uuids of a million objects takes 37 MB. */
const FRAME_LIMIT = 64 * 1024 * 1024;

/** Answers that are HTTP come from servers that do not know what was asked. */
const HTTP = 'HTTP';

/** A conversation with a server that has got a command line. */
export class ServerConnection {
  /** The way on which the server was reached. */
  readonly endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #reader: ByteReader;

  private constructor(endpoint: Endpoint, socket: Socket, beforeWaiting: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.#reader = new ByteReader(socket, beforeWaiting);
  }

  /**
   * Connects by the first way that leads to a server, and sends the command line. Rejects with ClientProblem.
   *
   * @param beforeWaiting done whenever the server has sent nothing for now
   */
  static async open(
    endpoints: readonly Endpoint[],
    settings: Settings,
    world: World,
    beforeWaiting: () => Promise<void>,
    debug: (line: string) => Promise<void>,
  ): Promise<ServerConnection> {
    const request = requestOf(settings, world);
    for (const endpoint of endpoints) {
      const socket = await connect(endpoint).catch((thrown: unknown) => debug(`${endpointText(endpoint)}: ${describe(thrown)}`));
      if (!socket) continue;
      await debug(`connected: ${endpointText(endpoint)}`);
      const connection = new ServerConnection(endpoint, socket, beforeWaiting);
      try {
        await connection.#greet(request);
        return connection;
      } catch (thrown) {
        socket.destroy();
        throw thrown;
      }
    }
    throw new ClientProblem(UNREACHABLE);
  }

  async #greet(request: Buffer): Promise<void> {
    // A server that does not take all of it says why.
    this.#socket.write(request);
    const start = await this.#reader.take(HTTP.length).catch(() => {
      throw new ClientProblem(UNREACHABLE);
    });
    if (start.toString('latin1') === HTTP) throw new ClientProblem('Server internal error.');
    checkHello(Buffer.concat([start, await this.#reader.take(HELLO_LENGTH - start.length)]));
    this.#socket.write(encodeHello());
  }

  /** What the server says next. Rejects with ClientProblem when it has gone, with XeProtocolError when it makes no sense. */
  async next(): Promise<ServerMessage> {
    const length = (await this.#reader.take(4)).readInt32LE();
    if (length < 0 || length > FRAME_LIMIT) throw new XeProtocolError(`a message of ${length} bytes`);
    return decodeServerMessage(await this.#reader.take(length));
  }

  /** Tells the server something. That it has gone shows when the next message does not come. */
  async send(message: ClientMessage, bytes?: Buffer): Promise<void> {
    const frame = encodeClientMessage(message);
    await write(this.#socket, bytes ? Buffer.concat([frame, bytes]) : frame).catch(() => {});
  }

  close(): void {
    this.#socket.destroy();
  }
}

function requestOf({ words, user, password, traceparent }: Settings, { env }: World): Buffer {
  const lines = [...words, `username=${user}`, `password=${password}`];
  // The protocol has nothing but line ends between words: what follows one would be a parameter that the user did not mean.
  if (lines.some((line) => line.includes('\n'))) throw new ClientProblem('No word of a command line may have a line end in it.');
  const request = encodeRequest(lines, {
    'User-agent': `xe-cli/Unix/${VERSION.major}.${VERSION.minor}`,
    originator: 'cli',
    ...headerOf('traceparent', traceparent),
    ...headerOf('baggage', env.BAGGAGE),
  });
  if (request.length > BODY_LIMIT) throw new ClientProblem('The command line is too long.');
  return request;
}

/** Nothing, for a value that would not stay on its line. */
function headerOf(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value && !/[\r\n]/.test(value) ? { [name]: value } : {};
}
