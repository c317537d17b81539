import { ENDS_TO_RESTART } from '../../compute.js';
import type { Section } from './section.js';
import { type Element, put, tag, textOf } from './xml.js';

interface Lifecycle {
  readonly poweroff: string;
  readonly reboot: string;
  readonly crash: string;
}

/**
 * What libvirt does at the end of a guest. Starting it again after a shutdown or a crash is left to the gateway, so that such
 * an end is seen and told; only a reboot is QEMU's own.
 */
const CRASH: ReadonlyMap<string, string> = new Map([
  ['destroy', 'destroy'],
  ['coredump_and_destroy', 'coredump-destroy'],
  ['restart', 'destroy'],
  ['coredump_and_restart', 'coredump-destroy'],
  ['preserve', 'preserve'],
  ['rename_restart', 'destroy'],
]);

const ENDS: ReadonlySet<string> = new Set(['destroy', ENDS_TO_RESTART]);

/** Actions after shutdown, reboot and crash. */
export const lifecycle: Section<Lifecycle> = {
  express: ({ after }, { installing }) => ({
    poweroff: 'destroy',
    reboot: installing || ENDS.has(after.reboot) ? 'destroy' : 'restart',
    crash: CRASH.get(after.crash) ?? 'destroy',
  }),
  read: (domain) => ({
    poweroff: action(domain, 'on_poweroff', 'destroy'),
    reboot: action(domain, 'on_reboot', 'restart'),
    crash: action(domain, 'on_crash', 'destroy'),
  }),
  interpret: (found, settings, traits) => {
    const expressed = lifecycle.express(settings, traits);
    const { after } = settings;
    return {
      ...settings,
      after: {
        shutdown: found.poweroff === expressed.poweroff ? after.shutdown : normalExit(found.poweroff),
        reboot: found.reboot === expressed.reboot ? after.reboot : normalExit(found.reboot),
        crash: found.crash === expressed.crash ? after.crash : crashBehaviour(found.crash),
      },
    };
  },
  write: (domain, wanted, _, before) => {
    for (const what of ['poweroff', 'reboot', 'crash'] as const)
      if (wanted[what] !== before?.[what]) put(domain, tag(`on_${what}`, {}, wanted[what]));
  },
};

function action(domain: Element, name: string, absent: string): string {
  return textOf(domain, name)?.trim() || absent;
}

function normalExit(found: string): string {
  return found.includes('restart') ? 'restart' : 'destroy';
}

function crashBehaviour(found: string): string {
  switch (found) {
    case 'coredump-destroy':
      return 'coredump_and_destroy';
    case 'coredump-restart':
      return 'coredump_and_restart';
    case 'rename-restart':
      return 'rename_restart';
    case 'restart':
    case 'preserve':
      return found;
    default:
      return 'destroy';
  }
}
