import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { callersOf, type Usage } from '../callers/callers.js';

const GROUP = /^[\w.-]{1,64}$/;

/** A pattern that fits every client would limit them all, the administrator included. */
function create({ api: { db } }: Call, given: ConstructorArguments<'Caller'>): Ref<'Caller'> {
  const { user_agent, client_ip } = given;
  const open = (pattern: string) => pattern === '' || pattern === '*';
  if (open(user_agent) && open(client_ip))
    throw new ApiError('INVALID_VALUE', 'user_agent/client_ip', 'one of them has to say something');
  const [same] = db.filter('Caller', (caller) => caller.user_agent === user_agent && caller.client_ip === client_ip);
  if (!same) return db.create('Caller', given);
  const { name_label, name_description } = given;
  db.set('Caller', same[0], { name_label, name_description, auto_registered: false });
  return same[0];
}

function groupUsage({ api: { db } }: Call, group: string): Usage {
  if (group === '') throw new ApiError('INVALID_VALUE', 'group', 'empty group name');
  return db
    .filter('Caller', ({ groups }) => groups.includes(group))
    .map(([ref]) => callersOf(db).usage(ref))
    .reduce((a, b) => ({ calls: a.calls + b.calls, tokens: a.tokens + b.tokens }), { calls: 0, tokens: 0 });
}

function usageOf({ api: { db } }: Call, self: Ref<'Caller'>): Usage {
  db.get('Caller', self);
  return callersOf(db).usage(self);
}

/** Client programs whose calls are counted. */
export const Caller: ClassBehaviour<'Caller'> = {
  create,
  destroy: ({ api: { db } }, self) => {
    db.destroy('Caller', self);
    callersOf(db).forget(self);
  },
  messages: {
    add_group: ({ api: { db } }, self, group) => {
      if (!GROUP.test(group)) throw new ApiError('INVALID_VALUE', 'group', 'letters, digits, and _ - . only, 64 at most');
      const { groups } = db.get('Caller', self);
      if (!groups.includes(group)) db.set('Caller', self, { groups: [group, ...groups] });
    },
    remove_group: ({ api: { db } }, self, group) =>
      db.set('Caller', self, { groups: db.get('Caller', self).groups.filter((other) => other !== group) }),
    query_token_usage: (call, self) => usageOf(call, self).tokens,
    query_call_count: (call, self) => usageOf(call, self).calls,
    query_group_token_usage: (call, group) => groupUsage(call, group).tokens,
    query_group_call_count: (call, group) => groupUsage(call, group).calls,
    query_all_usage: ({ api: { db } }) =>
      [...db.all('Caller')]
        .map(([ref, { uuid, name_label }]) => ({ uuid, name_label, ...callersOf(db).usage(ref) }))
        .sort((a, b) => b.tokens - a.tokens)
        .map(({ uuid, name_label, tokens, calls }) => [uuid, name_label, tokens.toFixed(3), String(calls)]),
  },
};
