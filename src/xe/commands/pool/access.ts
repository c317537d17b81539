import type { Command } from '../../command.js';
import { poolNamed, sends, sendsToPool } from '../sends.js';

/** Who may log in to the pool. */
export const poolAccessCommands: readonly Command[] = [
  {
    name: 'pool-enable-external-auth',
    required: ['auth-type', 'service-name'],
    optional: ['uuid', 'config:'],
    description: 'Joins all hosts to a directory service, whose users may then be let in.',
    async run(context) {
      const { api, parameters } = context;
      const [type, service] = [parameters.required('auth-type'), parameters.required('service-name')];
      await api.call('pool', 'enable_external_auth', poolNamed(context), parameters.map('config'), service, type);
    },
  },
  {
    name: 'pool-disable-external-auth',
    required: [],
    optional: ['uuid', 'config:'],
    description: 'Takes all hosts out of their directory service.',
    async run(context) {
      await context.api.call('pool', 'disable_external_auth', poolNamed(context), context.parameters.map('config'));
    },
  },
  {
    name: 'pool-external-auth-set-ldaps',
    required: ['ldaps'],
    optional: ['uuid', 'force'],
    description: 'Says whether hosts speak to their directory service through TLS.',
    async run(context) {
      const { api, parameters } = context;
      const [ldaps, force] = [parameters.boolean('ldaps'), parameters.boolean('force')];
      await api.call('pool', 'external_auth_set_ldaps', poolNamed(context), ldaps, force);
    },
  },
  {
    name: 'pool-enable-ssh',
    required: [],
    optional: [],
    description: 'Lets people log in to all hosts with SSH.',
    run: sendsToPool('enable_ssh'),
  },
  {
    name: 'pool-disable-ssh',
    required: [],
    optional: [],
    description: 'Lets nobody log in to any host with SSH.',
    run: sendsToPool('disable_ssh'),
  },
  {
    name: 'pool-disable-ssl-legacy',
    required: [],
    optional: ['uuid'],
    flags: ['deprecated'],
    description: 'Changes nothing: old forms of TLS have been off for long.',
    run() {
      // What it would turn off is off in every version that there is.
    },
  },
  {
    name: 'pool-secret-rotate',
    required: [],
    optional: [],
    description: 'Gives the hosts of the pool a new secret by which they know each other.',
    run: sends('pool', 'rotate_secret'),
  },
];
