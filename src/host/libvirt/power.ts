import { spawn } from 'node:child_process';
import { ApiError } from '../../model/error.js';
import type { HostPower } from '../host.js';
import type { Unsubscribe } from '../progress.js';

/** Programs that turn the machine off and on again, as systemd and older systems have them. */
const PROGRAM = '/sbin/shutdown';

/** The power button of the machine that the daemon runs on: pressed only where the configuration permits it. */
export class MachinePower implements HostPower {
  readonly #permitted: boolean;
  readonly #program: string;

  constructor(permitted: boolean, program = PROGRAM) {
    this.#permitted = permitted;
    this.#program = program;
  }

  reboot(): Promise<void> {
    return this.#press('-r');
  }

  shutdown(): Promise<void> {
    return this.#press('-h');
  }

  /** Rejects: a machine that is off has nobody who could turn it on. */
  async powerOn(): Promise<void> {
    throw new ApiError('OPERATION_NOT_ALLOWED', 'the host that this gateway runs on cannot turn itself on');
  }

  /** The daemon lives as long as its machine, so that it never sees it go or come. */
  onLive(): Unsubscribe {
    return () => undefined;
  }

  async #press(how: '-r' | '-h'): Promise<void> {
    if (!this.#permitted)
      throw new ApiError(
        'OPERATION_NOT_ALLOWED',
        'the configuration of this gateway (host-power) does not permit it to turn its host off',
      );
    await new Promise<void>((resolve, reject) => {
      const child = spawn(this.#program, [how, 'now'], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, 1000);
      });
      child.once('error', (error) => reject(new ApiError('INTERNAL_ERROR', error.message)));
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new ApiError('INTERNAL_ERROR', said.trim() || `${PROGRAM} ended with ${code}`)),
      );
    });
  }
}
