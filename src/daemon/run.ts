import { bannerLines } from '../cli/banner.js';
import { processTerminal } from '../cli/terminal.js';
import { version } from '../cli/version.js';
import type { LoadedConfig } from '../config/load-config.js';
import { createLog } from '../log/log.js';
import { chooseHost } from './choose-host.js';
import { startGateway } from './gateway.js';

/** Milliseconds that what is left over (a host that does not let go, a timer) may keep the process after its end. */
const LINGER = 5000;

/** Runs the daemon until it is told to end. Resolves to the exit status. */
export async function run({ config, sources }: LoadedConfig): Promise<number> {
  const host = await chooseHost(config, (key) => sources.has(key));
  const log = createLog({ level: config.logLevel, file: config.logFile });
  let end: (status: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  // A fault of one call must not end all others: transactions are whole, so nothing is half-made.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'work failed and nobody heard of it'));
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'the daemon has failed and ends');
    end(1);
  });
  // Before the start, so that one that is told to end in the middle of it still leaves everything closed.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(0));
  const gateway = await startGateway(config, host, log, (error) => {
    log.fatal({ err: error }, 'the database cannot be written: nothing more is acknowledged, the daemon ends');
    end(1);
  });
  for (const line of bannerLines({
    version: version(),
    product: config.persona.title,
    pool: gateway.summary,
    addresses: gateway.addresses,
    fingerprint: gateway.fingerprint,
    dataDir: config.dataDir,
    user: 'root',
    ...(gateway.madePassword !== undefined && { madePassword: gateway.madePassword }),
    notices: host.notices,
  }))
    processTerminal.print(line);
  const status = await ended;
  // Without its database it can finish nothing.
  await (status === 0 ? gateway.close() : gateway.close(0));
  setTimeout(() => process.exit(status), LINGER).unref();
  return status;
}
