import { Connection } from './connection.js';
import { timed } from './statistics.js';

/** A client in a process of its own that asks for one small thing after the other, a millisecond apart, until it is told to stop; then it tells how long each took. */
const [port = '', request = ''] = process.argv.slice(2);

/** Calls before the first that counts: by then the code of both sides is compiled. */
const WARM_UP = 500;

let running = true;
process.once('message', () => {
  running = false;
});

const connection = await Connection.open(Number(port));
const getter = Buffer.from(request, 'base64');
for (let warm = 0; warm < WARM_UP; warm++) await connection.send(getter);
const samples: number[] = [];
process.send?.('asking');
while (running) {
  samples.push(await timed(() => connection.send(getter)));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
connection.close();
process.send?.(samples);
process.disconnect();
