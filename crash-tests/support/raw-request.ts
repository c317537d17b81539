import { connect, type Socket } from 'node:net';

/** How long a reply to strange bytes is waited for, in milliseconds: some are taken as the start of more. */
const PATIENCE = 1_500;

/** What came back: everything until the other side closed, or until nothing came for a while. */
export interface RawReply {
  readonly text: string;
  readonly closed: boolean;
}

/** Sends bytes over a new connection and collects what comes back. */
export function sendRaw(port: number, bytes: string | Buffer, patience = PATIENCE): Promise<RawReply> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket: Socket = connect(port, '127.0.0.1');
    const end = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text: Buffer.concat(parts).toString('utf8'), closed });
    };
    const timer = setTimeout(() => end(false), patience);
    socket.on('data', (part) => {
      parts.push(part);
      timer.refresh();
    });
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.write(bytes);
  });
}

/** A POST of a body as it is, without keeping the connection. */
export function post(port: number, path: string, body: string | Buffer, headers = ''): Promise<RawReply> {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`;
  return sendRaw(port, Buffer.concat([Buffer.from(head), Buffer.isBuffer(body) ? body : Buffer.from(body)]));
}
