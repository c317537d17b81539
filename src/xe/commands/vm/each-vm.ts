import type { ExplicitMessage } from '../../../model/types.js';
import type { CommandContext } from '../../command.js';
import { onVms } from '../../selectors/vms.js';

/** The work of a command that sends one message without further arguments for each VM that it selects; prints nothing. */
export function eachVm(message: ExplicitMessage<'VM'>): (context: CommandContext) => Promise<void> {
  return async (context) => {
    await onVms(context, ({ ref }) => context.api.send(`VM.${message}`, ref));
  };
}
