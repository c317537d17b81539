import { refusal } from '../storage-refusal.js';

/** How an SR is reached, as clients say it. */
export type DeviceConfig = ReadonlyMap<string, string>;

/** Most paths of devices in one configuration. */
const MOST_DEVICES = 64;

/** Names and addresses of servers, IPv6 in brackets or without. */
const SERVER = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[?[0-9A-Fa-f:.%a-z]{2,60}\]?)$/;

/** Longest path on a server. */
const LONGEST_PATH = 1024;

/** Most addresses of one target: arrays have a few. */
const MOST_PORTALS = 64;

/** Names of iSCSI targets. */
const IQN = /^(?:iqn\.\d{4}-\d\d\.[A-Za-z0-9.:_-]{1,200}|(?:eui|naa)\.[0-9A-Fa-f]{16,32})$/;

/** The devices of a configuration, paths below `/dev`. Throws the refusals of drivers. */
export function devicesOf(config: DeviceConfig): readonly string[] {
  const given = config.get('device') ?? '';
  if (given === '') throw refusal('noDevice', 'The device parameter is missing');
  const devices = given.split(',').filter(Boolean);
  if (devices.length > MOST_DEVICES || devices.some((device) => !isDevicePath(device)))
    throw refusal('badDevice', `${given} is no block device`);
  return devices;
}

/** The one device of a configuration. Throws the refusals of drivers. */
export function deviceOf(config: DeviceConfig): string {
  const [device, ...others] = devicesOf(config);
  if (device === undefined || others.length > 0) throw refusal('badDevice', 'An SR of this type is on one device');
  return device;
}

/** Whether a text is the path of a device, be there one or not. */
export function isDevicePath(text: string): boolean {
  return /^\/dev\/[\w.:/+@-]+$/.test(text) && !text.split('/').includes('..');
}

/** The server of a configuration, an address or a name. Throws the refusals of drivers. */
export function serverOf(config: DeviceConfig): string {
  const server = config.get('server') ?? '';
  if (server === '') throw refusal('noServer', 'The server parameter is missing');
  if (!isServer(server)) throw refusal('badParameter', 'The server parameter is no address');
  return server;
}

/** Whether a text is an address or the name of a server. */
export function isServer(text: string): boolean {
  return SERVER.test(text);
}

/** Whether a text is a path on a server: absolute, printable, without steps up. */
export function isServerPath(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!text.startsWith('/') || text.length > LONGEST_PATH || /[\x00-\x1f\x7f,]/.test(text)) return false;
  return !text.split('/').includes('..');
}

/** Where an iSCSI target is asked for. */
interface TargetPortal {
  readonly target: string;
  readonly port: string;
}

/** The address of the iSCSI target of a configuration, the first where it names several. Throws the refusals of drivers. */
export function portalOf(config: DeviceConfig): TargetPortal {
  const [first] = portalsOf(config);
  if (first === undefined) throw refusal('noTarget', 'The target parameter is missing');
  return first;
}

/**
 * The addresses of the iSCSI target of a configuration: those of `target`, between commas, then others under which it was known (`multihomelist`). Throws
 * the refusals of drivers.
 */
export function portalsOf(config: DeviceConfig): readonly TargetPortal[] {
  const targets = (config.get('target') ?? '').split(',').filter(Boolean);
  if (targets.length === 0) throw refusal('noTarget', 'The target parameter is missing');
  const port = config.get('port') || '3260';
  const others = (config.get('multihomelist') ?? '').split(',').filter(Boolean);
  const portals = [...targets.map((target) => ({ target, port })), ...others.map((text) => addressWithPort(text, port))];
  const unlike = portals.filter(
    (portal, index) => index === portals.findIndex(({ target, port: at }) => target === portal.target && at === portal.port),
  );
  if (unlike.length > MOST_PORTALS) throw refusal('badParameter', 'The configuration names too many addresses');
  for (const { target, port: at } of unlike) {
    if (!isServer(target)) throw refusal('unknownName', `${target} is no address`);
    if (!isPort(at)) throw refusal('badPort', 'The port of an iSCSI target is a number between 1 and 65535');
  }
  return unlike;
}

/** `address`, `address:port` or `[address]:port`. */
function addressWithPort(text: string, port: string): TargetPortal {
  const [, bracketed, name, given] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { target: bracketed ?? name ?? text, port: given ?? port };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Whether a text is the name of an iSCSI target or initiator. */
export function isIqn(text: string): boolean {
  return IQN.test(text);
}

/** Whether a text is the SCSI id of a logical unit: it becomes part of paths. */
export function isScsiId(text: string): boolean {
  return /^[\w.:+-]{1,200}$/.test(text) && text !== '.' && text !== '..';
}
