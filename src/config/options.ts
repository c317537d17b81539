import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { storeNames } from '../db/open-store.js';
import { logLevels } from '../log/levels.js';
import { defaultPersona, findPersona, type Persona, personas } from '../model/personas/index.js';
import { emulateSchema } from './emulate.js';
import { oneOf, parsed, text, wholeNumber } from './values.js';

/** Longest path of a Unix socket that the kernel takes, in bytes. */
export const MAX_SOCKET_PATH = 107;

/** Something that can be configured, under one name in the file, in the environment and on the command line. */
export interface Option<T> {
  /** How the value is shown in the help; absent when the option has no flag. */
  readonly placeholder?: string;
  readonly group: 'Pool' | 'KVM host' | 'Network' | 'Data and logins' | 'Logs and limits';
  readonly help: string;
  readonly schema: z.ZodType<T>;
  /** What holds when no source has a value; undefined leaves it to the part that reads it. */
  readonly fallback?: string;
  /** Given in the environment only: a command line can be read by every user of the machine, a file is often shown around. */
  readonly environmentOnly?: true;
}

const path = (what: string) => text(`the path of ${what}`).transform((value) => resolve(value));

/** Address of the daemon that manages a host's domains. */
export type HostChoice = { readonly kind: 'emulated' } | { readonly kind: 'libvirt'; readonly uri?: string };

const hostChoice = parsed<HostChoice>('emulated, libvirt or libvirt+URI', (raw) => {
  if (raw === 'emulated') return { kind: 'emulated' };
  if (raw === 'libvirt') return { kind: 'libvirt' };
  const uri = typeof raw === 'string' && raw.startsWith('libvirt+') ? raw.slice('libvirt+'.length) : '';
  return /^[a-z][a-z0-9+.-]*:\/\/\S*$/.test(uri) && uri.length <= 1024 ? { kind: 'libvirt', uri } : undefined;
});

const personaNames = personas.map(({ id }) => id).join(', ');

const persona = parsed<Persona>(`one of ${personaNames}`, (raw) => (typeof raw === 'string' ? findPersona(raw) : undefined));

const address = parsed('an IP address or localhost', (raw) =>
  typeof raw === 'string' && (isIP(raw) !== 0 || raw === 'localhost') ? raw : undefined,
);

const port = wholeNumber(0, 65_535);

const portOrOff = parsed('a port from 0 to 65535, or off', (raw) => {
  if (isOff(raw)) return 'off' as const;
  return port.safeParse(raw).data;
});

const socketPath = parsed(`a path of at most ${MAX_SOCKET_PATH} bytes, or off`, (raw) => {
  if (isOff(raw)) return 'off';
  if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return undefined;
  const absolute = resolve(raw);
  return Buffer.byteLength(absolute) <= MAX_SOCKET_PATH ? absolute : undefined;
});

const onOrOff = parsed('on or off', (raw) => {
  if (raw === 'on' || raw === true) return true;
  return isOff(raw) ? false : undefined;
});

function option<T>(definition: Option<T>): Option<T> {
  return definition;
}

/** Every option. The name in file and flags follows from the key (`httpsPort`: `https-port`), and so does the variable. */
export const options = {
  host: option({
    placeholder: 'HOST',
    group: 'Pool',
    help: 'emulated, libvirt or libvirt+URI (default: libvirt where it answers, else emulated)',
    schema: hostChoice.optional(),
  }),
  emulate: option({
    placeholder: 'hosts=2,vms=4,…',
    group: 'Pool',
    help: 'shape of a new emulated pool; a data directory that holds a pool is continued as it is',
    schema: emulateSchema.optional(),
  }),
  emulateFile: option({
    placeholder: 'FILE',
    group: 'Pool',
    help: 'YAML or JSON file with the keys of --emulate, and with lists of hosts, SRs, VMs, faults (docs/emulated-pool.md)',
    schema: path('a file').optional(),
  }),
  loadDump: option({
    placeholder: 'FILE',
    group: 'Pool',
    help: 'make the new pool from a database dump of a real one (XML, as pool-dump-database writes it)',
    schema: path('a file').optional(),
  }),
  persona: option({
    placeholder: 'NAME',
    group: 'Pool',
    help: `product and version to appear as: ${personaNames}`,
    schema: persona,
    fallback: defaultPersona.id,
  }),
  domainType: option({
    placeholder: 'TYPE',
    group: 'KVM host',
    help: 'kvm, qemu (software emulation), or auto for kvm where it truly works',
    schema: oneOf(['auto', 'kvm', 'qemu']),
    fallback: 'auto',
  }),
  imageDir: option({
    placeholder: 'DIR',
    group: 'KVM host',
    help: 'directory of the first SR for disks, made with a new pool',
    schema: path('a directory'),
    fallback: '/var/lib/libvirt/images',
  }),
  isoDir: option({
    placeholder: 'DIR',
    group: 'KVM host',
    help: 'directory of the first SR for CD images, made with a new pool',
    schema: path('a directory'),
    fallback: '/var/lib/libvirt/iso',
  }),
  hostPower: option({
    placeholder: 'on|off',
    group: 'KVM host',
    help: 'whether clients may reboot this machine and shut it down',
    schema: onOrOff,
    fallback: 'off',
  }),
  bind: option({
    placeholder: 'ADDR',
    group: 'Network',
    help: 'address to listen on; 0.0.0.0 or :: for all',
    schema: address,
    fallback: '127.0.0.1',
  }),
  httpsPort: option({
    placeholder: 'N',
    group: 'Network',
    help: 'port of HTTPS; 0 for any free one (default: 443 where permitted, else 8443)',
    schema: port.optional(),
  }),
  httpPort: option({
    placeholder: 'N|off',
    group: 'Network',
    help: 'port of plain HTTP; 0 for any free one, off for none (default: 80 where permitted, else 8080)',
    schema: portOrOff.optional(),
  }),
  nbdPort: option({
    placeholder: 'N|off',
    group: 'Network',
    help: 'port at which disks are read over NBD; 0 for any free one, off for none (default: 10809 where permitted)',
    schema: portOrOff.optional(),
  }),
  unixSocket: option({
    placeholder: 'FILE|off',
    group: 'Network',
    help: 'Unix socket, whose users are trusted as root (default: xenapi.sock in the data directory)',
    schema: socketPath.optional(),
  }),
  dataDir: option({
    placeholder: 'DIR',
    group: 'Data and logins',
    help: 'where everything is kept',
    schema: path('a directory'),
    fallback: defaultDataDir(),
  }),
  store: option({
    placeholder: 'KIND',
    group: 'Data and logins',
    help: 'sqlite, or memory to forget everything at the end',
    schema: oneOf(storeNames),
    fallback: 'sqlite',
  }),
  rootPasswordFile: option({
    placeholder: 'FILE',
    group: 'Data and logins',
    help: 'file with the password of root (default: one is made at first start and printed once)',
    schema: path('a file').optional(),
  }),
  rootPassword: option({
    group: 'Data and logins',
    help: 'password of root',
    schema: text('a password', 1024).optional(),
    environmentOnly: true,
  }),
  auth: option({
    placeholder: 'KIND',
    group: 'Data and logins',
    help: 'who checks passwords: local (users of this gateway) or pam (users of the system)',
    schema: oneOf(['local', 'pam']),
    fallback: 'local',
  }),
  logLevel: option({
    placeholder: 'LEVEL',
    group: 'Logs and limits',
    help: `least level that is logged: ${logLevels.join(', ')}`,
    schema: oneOf(logLevels),
    fallback: 'info',
  }),
  logFile: option({
    placeholder: 'FILE',
    group: 'Logs and limits',
    help: 'where the log goes (default: standard error)',
    schema: path('a file').optional(),
  }),
  sessionIdleTimeout: option({
    placeholder: 'SECONDS',
    group: 'Logs and limits',
    help: 'a session that was not used for this long ends',
    schema: wholeNumber(60, 31_536_000),
    fallback: '86400',
  }),
  maxSessions: option({
    placeholder: 'N',
    group: 'Logs and limits',
    help: 'sessions of one user; beyond, the one that was not used for longest ends',
    schema: wholeNumber(1, 100_000),
    fallback: '500',
  }),
} as const;

export type OptionKey = keyof typeof options;

/** Values of all options, as the daemon's parts read them. */
export type OptionValues = { readonly [K in OptionKey]: z.output<(typeof options)[K]['schema']> };

export const optionKeys = Object.keys(options) as OptionKey[];

/** Name of an option in the file and, with two dashes, on the command line. */
export function optionName(key: OptionKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Name of an option in the environment. */
export function variableName(key: OptionKey): string {
  return `XENAPI_GATEWAY_${optionName(key).replaceAll('-', '_').toUpperCase()}`;
}

/** The system's place when we are the system's administrator, else the user's own. */
function defaultDataDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/xenapi-gateway';
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'xenapi-gateway');
}

/** YAML of version 1.1 reads `off` as false. */
function isOff(raw: unknown): boolean {
  return raw === 'off' || raw === false;
}
