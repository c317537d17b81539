import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandExit } from '../../failure.js';
import { parseFloatText } from '../../values.js';
import { refOf } from '../support.js';

/** Milliseconds between looks at whether a guest has let go of a drive after all. */
const PAUSE = 5000;

/**
 * Unplugs a drive. A guest that refuses has until the end of `timeout=` seconds to let go of it by itself.
 * @param pause milliseconds between looks
 */
export async function unplugVbd(context: CommandContext, pause: number = PAUSE): Promise<void> {
  const { api, parameters } = context;
  const vbd = refOf(context, 'VBD', 'uuid');
  const end = performance.now() + parseFloatText('timeout', parameters.text('timeout', '0')) * 1000;
  const message = parameters.boolean('force') ? 'unplug_force' : 'unplug';
  try {
    await api.call('VBD', message, vbd);
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.code !== 'DEVICE_DETACH_REJECTED') throw thrown;
    if (!(await letGo(context, vbd, end, pause))) throw thrown;
  }
}

async function letGo({ api, client }: CommandContext, vbd: Ref<'VBD'>, end: number, pause: number): Promise<boolean> {
  while (performance.now() < end) {
    await sleep(pause, undefined, { signal: client.signal }).catch(() => {
      throw new CommandExit(1);
    });
    if (!api.get('VBD', vbd, 'currently_attached')) return true;
  }
  return false;
}
