import { fetchFile } from '../../vm-files/import/fetch-file.js';
import { importVms } from '../../vm-files/import/import.js';
import { importSr } from '../../vm-files/import/import-sr.js';
import type { VmMessages } from './messages.js';

/** VMs out of files that the server fetches itself. */
export const imports: VmMessages = {
  import: async (call, url, sr, restore, force) => {
    const ref = importSr(call.api, { ref: sr });
    call.task.cancellable(true);
    return importVms(call, await fetchFile(url, call.task.signal), ref, { restore, force });
  },
};
