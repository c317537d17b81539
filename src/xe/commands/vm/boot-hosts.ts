import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { CommandContext } from '../../command.js';
import { errorText } from '../../errors/error-text.js';
import type { TableRow } from '../../printer.js';

/** For each host of the pool whether a VM could start there, or why not. */
export async function bootHosts(api: ApiClient, vm: Ref<'VM'>): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const [host, { fields }] of api.records('host')) rows.push([fields.name_label, await verdict(api, vm, host)]);
  return rows;
}

async function verdict(api: ApiClient, vm: Ref<'VM'>, host: Ref<'host'>): Promise<string> {
  try {
    await api.call('VM', 'assert_can_boot_here', vm, host);
    return 'OK';
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return `Cannot start here [${reason(api, thrown)}]`;
  }
}

/** An error of the API in one line. */
export function reason(api: ApiClient, error: ApiError): string {
  const text = errorText(error, api);
  return (text.known ? text.lines : [text.code, ...text.params]).join('; ');
}

/** Starts a VM somewhere. Where no host will have it, what each of them says is shown before the error is thrown on. */
export async function tellingHosts<T>(context: CommandContext, vm: Ref<'VM'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'NO_HOSTS_AVAILABLE') {
      context.printer.lines('No host can start this VM.', 'What keeps each of them from it:', '');
      context.printer.table([await bootHosts(context.api, vm)]);
    }
    throw thrown;
  }
}
