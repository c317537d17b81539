import type { EndpointHandler } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import type { ConsoleAccess } from './access.js';
import { findConsole } from './find-console.js';
import { jpegOf, readScreen } from './screen.js';

/** Pictures that may be asked for at a time: making one keeps the processor busy for some hundredths of a second. */
const MOST_WAITING = 100;

/** `GET /vncsnapshot`: what a screen shows, as a picture. One is made after the other. */
export function screenSnapshot(consoles: ConsoleAccess): Record<'get_vncsnapshot', EndpointHandler> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    get_vncsnapshot: async (request, res) => {
      const found = findConsole(request, consoles, 'host_console');
      if (found.protocol !== 'rfb') throw new HttpError(500, 'this console is no screen');
      if (waiting >= MOST_WAITING) throw new HttpError(503, 'too many pictures are being made');
      waiting++;
      try {
        const turn = last.then(async () => jpegOf(await readScreen(await found.open())));
        last = turn.catch(() => undefined);
        const picture = await turn;
        res.writeHead(200, {
          'Content-Type': 'image/jpeg',
          'Content-Length': String(picture.length),
          'Content-Disposition': 'attachment; filename="snapshot.jpg"',
          'Cache-Control': 'no-cache, no-store',
        });
        res.end(picture);
      } finally {
        waiting--;
      }
    },
  };
}
