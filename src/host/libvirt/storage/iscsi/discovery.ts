import { join } from 'node:path';
import { isIqn } from '../../../sr-types/device-config.js';
import type { FoundTarget } from '../../../sr-types/findings.js';
import type { Tools } from '../tools/tools.js';
import { portalText, runIscsi } from './iscsi-program.js';
import { type Chap, chapSettings, writeSettings } from './record-file.js';

/** Most targets of an address that are told. */
const MOST_TARGETS = 1000;

/** Where a target is asked for: an address, no name. */
export interface Address {
  readonly address: string;
  readonly port: string;
}

/**
 * The targets that an address tells of, with each of the addresses under which they can be reached. Nothing is written down about them: that is
 * done for those that are used. `records` is where open-iscsi keeps its own.
 */
export async function discoverTargets(
  tools: Tools,
  records: string,
  { address, port }: Address,
  chap?: Chap,
): Promise<readonly FoundTarget[]> {
  const run = (args: readonly string[]): Promise<string> => runIscsi(tools, 'noIscsiTarget', args);
  const portal = portalText(address, port);
  const how = ['-t', 'sendtargets', '-p', portal, '-o', 'nonpersistent'];
  if (!chap) return targetsIn(await run(['-m', 'discovery', ...how]));
  const record = ['-m', 'discoverydb', '-t', 'sendtargets', '-p', portal];
  await run([...record, '-o', 'new']);
  try {
    const file = join(records, 'send_targets', `${address},${port}`, 'st_config');
    await writeSettings(file, chapSettings('discovery.sendtargets.auth', chap));
    return targetsIn(await run(['-m', 'discoverydb', ...how, '--discover']));
  } finally {
    await run([...record, '-o', 'delete']).catch(() => undefined);
  }
}

/** Lines like `10.0.0.1:3260,1 iqn...`. */
function targetsIn(text: string): readonly FoundTarget[] {
  return text
    .split('\n')
    .slice(0, MOST_TARGETS)
    .flatMap((line) => {
      const [, address, port, iqn] = /^\[?([^\s\]]+?)\]?:(\d+),-?\d+ (\S+)$/.exec(line.trim()) ?? [];
      return address !== undefined && port !== undefined && iqn !== undefined && isIqn(iqn) ? [{ address, port, iqn }] : [];
    });
}
