import { attribute, child, children, parseXml } from './xml.js';

/** Where the consoles of a living domain are. */
export interface Consoles {
  /** Absolute path of the Unix socket where VNC is spoken. */
  readonly vncSocket?: string;
  /** Address and port where VNC is spoken, for domains of other origin. */
  readonly vnc?: { readonly address: string; readonly port: number };
  /** Name of the first text console, as calls that open it take it, and its terminal on the host. */
  readonly serial?: { readonly alias: string; readonly terminal: string | undefined };
}

/** The consoles of a domain, by what it consists of now. */
export function consoles(xml: string): Consoles {
  const devices = child(parseXml(xml), 'devices');
  const screens = children(devices, 'graphics').filter((one) => attribute(one, 'type') === 'vnc');
  const listens = screens.flatMap((screen) => children(screen, 'listen').map((listen) => ({ screen, listen })));
  const socket = listens.map(({ listen }) => attribute(listen, 'socket')).find((path) => path !== undefined);
  const network = listens.find(({ screen }) => Number(attribute(screen, 'port')) > 0);
  const [text] = [...children(devices, 'console'), ...children(devices, 'serial')];
  return {
    ...(socket !== undefined && { vncSocket: socket }),
    ...(network && {
      vnc: {
        address: attribute(network.listen, 'address') ?? '127.0.0.1',
        port: Number(attribute(network.screen, 'port')),
      },
    }),
    ...(text && {
      serial: {
        alias: attribute(child(text, 'alias'), 'name') ?? '',
        terminal: attribute(child(text, 'source'), 'path') ?? attribute(text, 'tty'),
      },
    }),
  };
}
