import { Connection } from './connection.js';

/** Calls per second of several connections that each send one request after the other, for a while (milliseconds). */
export async function rate(
  port: number,
  connections: number,
  milliseconds: number,
  next: (connection: number, call: number) => Buffer,
): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const run = async (connection: Connection, number: number, until: number): Promise<number> => {
    let calls = 0;
    while (performance.now() < until) await connection.send(next(number, calls++));
    return calls;
  };
  const warm = performance.now() + milliseconds / 4;
  await Promise.all(open.map((connection, number) => run(connection, number, warm)));
  const began = performance.now();
  const counts = await Promise.all(open.map((connection, number) => run(connection, number, began + milliseconds)));
  const seconds = (performance.now() - began) / 1000;
  for (const connection of open) connection.close();
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}
