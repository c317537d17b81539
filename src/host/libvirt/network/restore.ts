import { addAddress, addRoute, deleteAddress, deleteRoute, movable, ownRoutes } from './address-moves.js';
import { type Link, type NetworkState, OURS } from './network-state.js';

/** Commands that bring devices back to what they were. Each may fail without harm to the others. */
export function restoreLines(before: NetworkState, after: NetworkState, devices: readonly string[]): string[] {
  const known = devices.flatMap((name) => before.links.get(name) ?? []);
  return [
    ...devices.filter((name) => !before.links.has(name) && after.isOurs(name)).map((name) => `link delete dev ${name}`),
    ...known.flatMap((link) => remake(link, before, after)),
    // Nobody keeps an address that somebody else is to have again.
    ...devices.flatMap((name) => strayAddresses(before, after, name).map((address) => deleteAddress(name, address))),
    ...known.flatMap((link) => relink(link, after.links.get(link.name), before)),
    ...known.flatMap(({ name }) => missingAddresses(before, after, name).map((address) => addAddress(name, address))),
    ...devices.flatMap((name) => strayRoutes(before, after, name).map(deleteRoute)),
    // All of them: those of a device that went down for a moment have gone without a trace.
    ...known.flatMap(({ name }) => ownRoutes(before, name).map((route) => addRoute(name, route))),
  ];
}

/** A bridge that is gone is made again; other devices that could be gone are taken away last, when nothing can fail. */
function remake({ name, kind, mac, mtu }: Link, before: NetworkState, after: NetworkState): string[] {
  if (after.links.has(name) || kind !== 'bridge' || !before.isOurs(name)) return [];
  return [`link add name ${name} address ${mac} mtu ${mtu} type bridge forward_delay 0`, `link set dev ${name} alias ${OURS}`];
}

function relink(was: Link, is: Link | undefined, before: NetworkState): string[] {
  const { name, master, mtu, up, mac } = was;
  const lines: string[] = [];
  if (is?.master !== master) {
    if (is?.master !== undefined) lines.push(`link set dev ${name} nomaster`);
    if (master !== undefined && before.links.has(master)) {
      // A bond takes no member that is up.
      if (before.links.get(master)?.kind === 'bond') lines.push(`link set dev ${name} down`);
      lines.push(`link set dev ${name} master ${master}`);
    }
  }
  if (is?.mac !== mac) lines.push(`link set dev ${name} address ${mac}`);
  if (is?.mtu !== mtu) lines.push(`link set dev ${name} mtu ${mtu}`);
  lines.push(`link set dev ${name} ${up ? 'up' : 'down'}`);
  return lines;
}

function strayAddresses(before: NetworkState, after: NetworkState, device: string) {
  const had = new Set(movable(before, device).map(({ local, prefix }) => `${local}/${prefix}`));
  return movable(after, device)
    .filter(({ local, prefix }) => !had.has(`${local}/${prefix}`))
    .toReversed();
}

function missingAddresses(before: NetworkState, after: NetworkState, device: string) {
  const has = new Set(movable(after, device).map(({ local, prefix }) => `${local}/${prefix}`));
  return movable(before, device).filter(({ local, prefix }) => !has.has(`${local}/${prefix}`));
}

function strayRoutes(before: NetworkState, after: NetworkState, device: string) {
  const had = new Set(ownRoutes(before, device).map(addRouteKey));
  return ownRoutes(after, device).filter((route) => !had.has(addRouteKey(route)));
}

function addRouteKey(route: Parameters<typeof addRoute>[1]): string {
  return addRoute(route.device, route);
}
