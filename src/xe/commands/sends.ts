import type { Ref } from '../../model/ref.js';
import type { ClassName, ExplicitMessage, MessageArguments } from '../../model/types.js';
import type { CommandContext } from '../command.js';
import { onHosts } from '../selectors/hosts.js';
import { poolOf, refOf, sessionHost } from './support.js';

/** Messages of a class that take these arguments and no others. */
type MessageTaking<C extends ClassName, A extends readonly unknown[]> = {
  [M in ExplicitMessage<C>]: MessageArguments<C, M> extends A ? M : never;
}[ExplicitMessage<C>];

type Work = (context: CommandContext) => Promise<void>;

/** The work of a command that is one message without arguments; prints nothing. */
export function sends<C extends ClassName>(className: C, message: MessageTaking<C, []>): Work {
  return async ({ api }) => {
    await api.send(`${className}.${message}`);
  };
}

/** The work of a command that is one message to each selected host; prints nothing. */
export function sendsToHosts(message: MessageTaking<'host', [Ref<'host'>]>): Work {
  return async (context) => {
    await onHosts(context, ({ ref }) => context.api.send(`host.${message}`, ref));
  };
}

/** The work of a command that is one message to the pool; prints nothing. */
export function sendsToPool(message: MessageTaking<'pool', [Ref<'pool'>]>): Work {
  return async (context) => {
    await context.api.send(`pool.${message}`, poolNamed(context));
  };
}

/** The pool that `uuid` names, or the one that there is. Throws ApiError UUID_INVALID. */
export function poolNamed(context: CommandContext): Ref<'pool'> {
  return context.parameters.has('uuid') ? refOf(context, 'pool', 'uuid') : poolOf(context.api);
}

/** The host that a parameter names, or without it the one that serves the session. Throws ApiError UUID_INVALID. */
export function hostNamed(context: CommandContext, parameter: string): Ref<'host'> {
  return context.parameters.has(parameter) ? refOf(context, 'host', parameter) : sessionHost(context.api);
}
