import { HttpGetError, httpGet, shown } from '../../../host/http-get.js';
import { cancellation } from '../../../host/progress.js';
import { ApiError } from '../../../model/error.js';
import { earlyEnd } from '../../../wire/xva/file-error.js';

/**
 * The content of a file that a server offers under `http://` or `https://`. Rejects with IMPORT_ERROR where it cannot be had; reading
 * it throws IMPORT_ERROR_PREMATURE_EOF where it breaks off.
 */
export async function fetchFile(address: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new ApiError('IMPORT_ERROR', 'only files under http:// and https:// are fetched');
  try {
    const answer = await httpGet(url, signal);
    if (answer.statusCode === 200) return untilItBreaks(answer, signal);
    answer.destroy();
    throw new ApiError('IMPORT_ERROR', `${shown(url)} answered ${answer.statusCode}`);
  } catch (thrown) {
    if (thrown instanceof HttpGetError) throw new ApiError('IMPORT_ERROR', thrown.message);
    throw thrown;
  }
}

async function* untilItBreaks(answer: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  try {
    yield* answer;
  } catch {
    throw signal.aborted ? cancellation(signal) : earlyEnd();
  }
}
