import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { CommandError } from '../../network/commands.js';
import type { Tools } from '../tools/tools.js';

/** An address of a target as `iscsiadm` takes it. */
export function portalText(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Runs `iscsiadm`. What it complains of becomes a refusal: of `kind`, where it is nothing that people know by another number. */
export async function runIscsi(tools: Tools, kind: RefusalKind, args: readonly string[]): Promise<string> {
  try {
    return await tools.run('iscsiadm', args);
  } catch (thrown) {
    if (!(thrown instanceof CommandError)) throw thrown;
    const text = thrown.text.replaceAll('iscsiadm: ', '');
    if (/iscsid is not running|connect to iSCSI daemon|initiatorname/i.test(text)) throw refusal('iscsiDaemon', text);
    if (/driver .*not (?:loaded|found)|iscsi_transport/i.test(text)) {
      const advice = 'boot one that has, such as that of the package linux-image-amd64';
      throw refusal('iscsiDaemon', `The kernel of this host has no iSCSI over TCP: ${advice}`);
    }
    if (/authorization|authentication/i.test(text)) throw refusal('iscsiLogin', text);
    throw refusal(kind, text);
  }
}
