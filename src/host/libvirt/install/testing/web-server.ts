import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A file, or what else the server does when it is asked for one. */
export type Served = Buffer | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server of this machine that publishes some files, each with an ETag. */
export interface WebServer {
  /** Address of its root, with a slash at the end. */
  readonly address: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Starts a server; paths of files begin without a slash. */
export async function startWebServer(files: ReadonlyMap<string, Served>, host = '127.0.0.1'): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    asked.push(path);
    const served = files.get(path);
    if (typeof served === 'function') served(request, response);
    else if (served === undefined) response.writeHead(404).end();
    else response.writeHead(200, { etag: `"${served.length}"`, 'content-length': served.length }).end(served);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    address: `http://${host}:${bound.port}/`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
