import { NULL_REF, type Ref } from '../../model/ref.js';
import type { ClassName, ExplicitMessage } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';
import type { CommandContext } from '../command.js';

/** The work of a command whose `uuid` names the one object of a message without further arguments; prints nothing. */
export function onUuid<C extends ClassName>(
  className: C,
  message: ExplicitMessage<C> | 'destroy',
): (context: CommandContext) => Promise<void> {
  return async ({ api, parameters }) => {
    await api.send(`${className}.${message}`, api.byUuid(className, parameters.required('uuid')));
  };
}

/** The object that a uuid in a parameter names. Throws ApiError UUID_INVALID, MissingParameter. */
export function refOf<C extends ClassName>({ api, parameters }: CommandContext, className: C, parameter: string): Ref<C> {
  return api.byUuid(className, parameters.required(parameter));
}

/** The same, or the null reference when the parameter is not there. */
export function refOrNull<C extends ClassName>(context: CommandContext, className: C, parameter: string): Ref<C> {
  return context.parameters.has(parameter) ? refOf(context, className, parameter) : NULL_REF;
}

/** The pool. */
export function poolOf(api: ApiClient): Ref<'pool'> {
  const [pool] = api.records('pool').keys();
  if (!pool) throw new Error('there is no pool');
  return pool;
}

/** The coordinator of the pool. */
export function masterOf(api: ApiClient): Ref<'host'> {
  return api.get('pool', poolOf(api), 'master');
}

/** The host that a command is about when it names none: the one that serves its session. */
export function sessionHost(api: ApiClient): Ref<'host'> {
  return api.get('session', api.session, 'this_host');
}

/** Prints the uuid of an object that a command has made. */
export function printUuid<C extends ClassName>({ api, printer }: CommandContext, className: C, ref: Ref<C>): void {
  printer.lines(api.uuid(className, ref));
}
