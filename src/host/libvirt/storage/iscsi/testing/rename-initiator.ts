import { HostTools } from '../../tools/tools.js';
import { InitiatorFile } from '../initiator-file.js';

/** Gives the machine that it runs in another iSCSI name; resolves to the one before and the one after. */
export default async function renameInitiator({ name }: { readonly name: string }): Promise<readonly string[]> {
  const initiator = new InitiatorFile(new HostTools());
  const before = await initiator.name();
  await initiator.rename(name);
  return [before, await initiator.name()];
}
