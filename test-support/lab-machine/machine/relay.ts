import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Qemu } from './qemu.js';

/**
 * A port of this machine behind which a port of the lab machine answers, however many connect at the same moment. Behind a port of QEMU
 * itself one may wait; what comes to more is lost, and tried again after seconds, and then after minutes.
 */
export class Relay {
  readonly #qemu: Qemu;
  readonly #port: number;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #turn: Promise<void> = Promise.resolve();

  private constructor(qemu: Qemu, port: number) {
    this.#qemu = qemu;
    this.#port = port;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
      this.#keep(near);
      this.#turn = this.#turn.then(() => this.#join(near)).catch(() => void near.destroy());
    });
  }

  /** Begins to listen. `port` is the lab machine's. */
  static async start(qemu: Qemu, port: number): Promise<Relay> {
    const relay = new Relay(qemu, await qemu.forward(port));
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  /** Where it listens, on 127.0.0.1. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('nobody listens');
    return address.port;
  }

  /** Ends all connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  /** Resolves when QEMU has taken the connection: it looks at whoever waits before it answers. */
  async #join(near: Socket): Promise<void> {
    if (near.destroyed) return;
    const far = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true });
    this.#keep(far);
    far.once('close', () => near.destroy());
    near.once('close', () => far.destroy());
    await Promise.race([once(far, 'connect'), once(far, 'close')]);
    near.pipe(far).pipe(near);
    await this.#qemu.monitor.execute('query-status');
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.setNoDelay(true);
    // Whoever is connected sees that it has ended.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
  }
}
