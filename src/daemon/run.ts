import { bannerLines } from '../cli/banner.js';
import { processTerminal } from '../cli/terminal.js';
import { version } from '../cli/version.js';
import type { Addresses } from '../config/addresses-file.js';
import type { Config, LoadedConfig } from '../config/load-config.js';
import { createLog } from '../log/log.js';
import { chooseHost } from './choose-host.js';
import { type RunningGateway, startGateway } from './gateway.js';

/** Milliseconds that what is left over (a host that does not let go, a timer) may keep the process after its end. */
const LINGER = 5000;

/** Runs the daemon until it is told to end. Resolves to the exit status. */
export async function run({ config, sources }: LoadedConfig): Promise<number> {
  const host = await chooseHost(config, (key) => sources.has(key));
  const log = createLog({ level: config.logLevel, file: config.logFile });
  const endings = new Endings();
  const end = (status: number): void => endings.end(status);
  // A fault of one call must not end all others: transactions are whole, so nothing is half-made.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'work failed and nobody heard of it'));
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'the daemon has failed and ends');
    end(1);
  });
  // Before the start, so that one that is told to end in the middle of it still leaves everything closed.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(0));
  let serving = config;
  for (;;) {
    const gateway = await startGateway(serving, host, log, {
      onFatal: (error) => {
        log.fatal({ err: error }, 'the database cannot be written: nothing more is acknowledged, the daemon ends');
        end(1);
      },
      onRestart: () => endings.end('restart'),
    });
    tellOfStart(serving, gateway, host.notices);
    const ending = await endings.next();
    // Without its database it can finish nothing.
    await (ending === 1 ? gateway.close(0) : gateway.close());
    if (ending === 'restart') {
      // Clients look for it where it was, also where any free port would do.
      serving = withPorts(config, gateway.addresses);
      continue;
    }
    setTimeout(() => process.exit(ending), LINGER).unref();
    return ending;
  }
}

/** Why a daemon ends: an exit status, or a restart. A status that comes meanwhile holds for the next one. */
class Endings {
  #status: number | undefined;
  #restart = false;
  #wake: (() => void) | undefined;

  end(how: number | 'restart'): void {
    if (how === 'restart') this.#restart = true;
    else this.#status = Math.max(this.#status ?? 0, how);
    this.#wake?.();
  }

  /** Resolves when the daemon that runs is to end. */
  async next(): Promise<number | 'restart'> {
    if (this.#status === undefined && !this.#restart)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#restart = false;
    return this.#status ?? 'restart';
  }
}

function withPorts(config: Config, { http, https }: Addresses): Config {
  const port = (url: string, standard: number): number => Number(new URL(url).port || standard);
  return {
    ...config,
    ...(http !== undefined && { httpPort: port(http, 80) }),
    ...(https !== undefined && { httpsPort: port(https, 443) }),
  };
}

function tellOfStart(config: Config, gateway: RunningGateway, notices: readonly string[]): void {
  for (const line of bannerLines({
    version: version(),
    product: config.persona.title,
    pool: gateway.summary,
    addresses: gateway.addresses,
    fingerprint: gateway.fingerprint,
    dataDir: config.dataDir,
    user: 'root',
    ...(gateway.madePassword !== undefined && { madePassword: gateway.madePassword }),
    notices,
  }))
    processTerminal.print(line);
}
