import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure, MissingParameter } from '../../failure.js';

/**
 * The template (or snapshot) that a command line names: with template-uuid, template-name-label or template-name, or with
 * template, which is a uuid or a name. Throws CommandFailure, MissingParameter, and ApiError UUID_INVALID.
 */
export function templateNamed({ api, parameters }: CommandContext): Ref<'VM'> {
  const uuid = parameters.find('template-uuid');
  if (uuid !== undefined) return template(api, api.byUuid('VM', uuid));
  const name = parameters.find('template-name-label') ?? parameters.find('template-name');
  if (name !== undefined) return byName(api, name);
  const either = parameters.find('template');
  if (either === undefined) throw new MissingParameter('template');
  const found = byUuid(api, either);
  return found === undefined ? byName(api, either) : template(api, found);
}

function byUuid(api: ApiClient, uuid: string): Ref<'VM'> | undefined {
  try {
    return api.byUuid('VM', uuid);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'UUID_INVALID') return undefined;
    throw thrown;
  }
}

function byName(api: ApiClient, name: string): Ref<'VM'> {
  const [first, second] = [...api.records('VM')].filter(([, { fields }]) => fields.is_a_template && fields.name_label === name);
  if (!first) throw new CommandFailure(`No template has the name ${name}`);
  if (second) throw new CommandFailure(`Several templates have the name ${name}: choose one by its uuid`);
  return first[0];
}

function template(api: ApiClient, ref: Ref<'VM'>): Ref<'VM'> {
  const { is_a_template, uuid } = api.record('VM', ref).fields;
  if (!is_a_template) throw new CommandFailure(`${uuid} is no template`);
  return ref;
}
