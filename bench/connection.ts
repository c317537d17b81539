import net from 'node:net';

/** One keep-alive connection that sends a request and takes the whole reply, one at a time, with as little work as possible. */
export class Connection {
  readonly #socket: net.Socket;
  #parts: Buffer[] = [];
  #received = 0;
  #expected = -1;
  #keep = true;
  #resolve: ((body: Buffer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#take(data));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('connection closed')));
  }

  static open(port: number, address = '127.0.0.1'): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, address, () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends bytes of one request; resolves with the body of the reply, or with nothing of it when it is only to be received. */
  send(request: Buffer, keep = true): Promise<Buffer> {
    this.#keep = keep;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    if (this.#keep || this.#expected < 0) this.#parts.push(data);
    this.#received += data.length;
    if (this.#expected < 0) {
      const head = this.#parts.length === 1 ? data : Buffer.concat(this.#parts);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: *(\d+)/i.exec(head.toString('latin1', 0, end));
      this.#parts = [head.subarray(end + 4)];
      this.#received = head.length - end - 4;
      this.#expected = Number(length?.[1] ?? 0);
    }
    if (this.#received < this.#expected) return;
    const body = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#received = 0;
    this.#expected = -1;
    this.#resolve?.(body);
  }
}
