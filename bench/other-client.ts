import { parentPort, workerData } from 'node:worker_threads';
import { Connection } from './connection.js';
import { timed } from './statistics.js';

/** A client of its own thread that asks for one small thing after the other, a millisecond apart, until it is told to stop; then it tells how long each took. */
const { port, request } = workerData as { port: number; request: Uint8Array };

let running = true;
parentPort?.once('message', () => {
  running = false;
});

const connection = await Connection.open(port);
const getter = Buffer.from(request);
const samples: number[] = [];
parentPort?.postMessage('asking');
while (running) {
  samples.push(await timed(() => connection.send(getter)));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
connection.close();
parentPort?.postMessage(samples);
