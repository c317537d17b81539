import { httpGet, shown } from './http-get.js';
import { type Repository, RepositoryError, type RepositoryFile } from './repository.js';

/** Answers that say that a file is not there. Some mirrors say so of what they do not show. */
const MISSING: readonly (number | undefined)[] = [403, 404, 410];

/** A repository that a web server publishes; the address ends with a slash. */
export function httpRepository(root: URL): Repository {
  return {
    async open(path, signal): Promise<RepositoryFile | undefined> {
      const url = new URL(root);
      url.pathname += path.split('/').map(encodeURIComponent).join('/');
      const answer = await httpGet(url, signal);
      const { statusCode, headers } = answer;
      if (statusCode === 200) {
        const length = headers['content-length'];
        const version = headers.etag ?? headers['last-modified'];
        return {
          tag: version === undefined ? undefined : JSON.stringify([url.href, version, length]),
          size: length === undefined ? undefined : Number(length),
          content: answer,
        };
      }
      answer.destroy();
      if (MISSING.includes(statusCode)) return undefined;
      throw new RepositoryError(`${shown(url)}: the server answers ${statusCode} ${answer.statusMessage ?? ''}`.trim());
    },
    close: async () => undefined,
  };
}
