import { networkInterfaces } from 'node:os';
import type { FoundBridge } from '../../network.js';
import type { PseudoFiles } from './pseudo-files.js';

/** The interface that clients reach the host by. */
export interface Management {
  /** The card, or what else carries the address where no card does; empty when the host has no address. */
  readonly device: string;
  readonly address: string;
}

/** Finds the interface of the default route, else the first one with an address; behind a bridge, the card in it. */
export async function findManagement(files: PseudoFiles, bridges: readonly FoundBridge[]): Promise<Management> {
  const addressOf = (name: string): string | undefined =>
    networkInterfaces()[name]?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const names = Object.keys(networkInterfaces());
  const name = [await defaultRoute(files), ...names].find((one) => one !== undefined && addressOf(one) !== undefined);
  if (name === undefined) return { device: '', address: '' };
  const card = bridges.find(({ bridge }) => bridge === name)?.devices[0];
  return { device: card ?? name, address: addressOf(name) ?? '' };
}

/** Interface of the route to everywhere, as `/proc/net/route` has it: destination and mask are all zeros. */
async function defaultRoute(files: PseudoFiles): Promise<string | undefined> {
  const lines = (await files.text('/proc/net/route')).split('\n').map((line) => line.split('\t'));
  return lines.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0];
}
