import type { Rpc } from '../../test-support/rpc.js';
import { RpcError } from '../../test-support/rpc.js';
import type { XmlRpcSession } from '../../test-support/xmlrpc-session.js';
import type { Snapshot } from './snapshot.js';

/** A session over either wire. */
export type Caller = Pick<Rpc | XmlRpcSession, 'call'>;

/** A client that changes the pool, knows what was acknowledged to it, and can tell whether that is still there. */
export interface Writer {
  readonly name: string;
  /** Makes what it works on. Called once, while nobody kills. */
  prepare(caller: Caller): Promise<void>;
  /** Makes one change, and books it when it is acknowledged. */
  step(caller: Caller): Promise<void>;
  /** What is missing or back again after a restart, as sentences. Goes on from what it has found. */
  check(snapshot: Snapshot): string[];
  /** Number of acknowledged changes. */
  readonly acknowledged: number;
}

/** Makes changes until the daemon is gone. Rejects when the daemon answers with an error: no writer does what is refused. */
export async function keepWriting(writer: Writer, caller: Caller, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await writer.step(caller);
    } catch (thrown) {
      if (thrown instanceof RpcError) throw new Error(`${writer.name}: ${thrown.message}`);
      // The connection broke or cannot be made: the daemon was killed, or is about to be found dead.
      if (!isOver()) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
