import type { Endpoint } from '../endpoint.js';
import type { Output } from '../output.js';
import type { PermittedFiles } from '../permitted-files.js';
import type { Settings } from '../settings/settings.js';
import type { World } from '../world.js';
import { relayConsole } from './console.js';
import { copyToFile, copyToOutput, refuseExisting } from './download.js';
import { FileFailure, TransferFailure } from './failure.js';
import { placeOf } from './place.js';
import { acceptedRequest } from './request.js';
import { openUpload, send } from './upload.js';

/**
 * What the client does for a server over connections of its own. Each resolves to what it failed with, if it did; the user has
 * been told why, but for the text of a FileFailure, which is the last one and follows the answer to the server. Each rejects with
 * ClientProblem when the server asks for a file that the user did not name.
 */
export class Transfers {
  readonly #settings: Settings;
  readonly #world: World;
  readonly #output: Output;
  readonly #files: PermittedFiles;
  readonly #endpoint: Endpoint;

  /** @param endpoint the way on which the server was reached */
  constructor(settings: Settings, world: World, output: Output, files: PermittedFiles, endpoint: Endpoint) {
    this.#settings = settings;
    this.#world = world;
    this.#output = output;
    this.#files = files;
    this.#endpoint = endpoint;
  }

  /** Fetches a URL into a new file, or to standard output for an empty name. */
  async download(name: string, url: string): Promise<TransferFailure | undefined> {
    const path = name === '' ? undefined : this.#files.path(name);
    return this.#done(async () => {
      // Before the server begins something large in vain.
      if (path !== undefined) await refuseExisting(path, name);
      const body = await acceptedRequest('GET', url, '', this.#endpoint, this.#settings);
      try {
        if (path === undefined) await copyToOutput(body, this.#world);
        else await copyToFile(body, path, name);
      } finally {
        body.destroy();
      }
    });
  }

  /** Sends a file to a URL. */
  async upload(name: string, url: string): Promise<TransferFailure | undefined> {
    const path = this.#files.path(name);
    return this.#done(async () => {
      const file = await openUpload(path, name, this.#world);
      try {
        const length = file.size === undefined ? '' : `Content-length: ${file.size}\r\n`;
        // The server has to accept it first: it may send the client elsewhere, or not want it at all.
        const socket = await acceptedRequest('PUT', url, length, this.#endpoint, this.#settings);
        await send(file, socket);
        // Closing it now, with words of the server unread, would take back what is still on its way.
        socket.resume();
      } finally {
        file.bytes.destroy();
      }
    });
  }

  /** Relays the terminal to a URL until the user ends it. */
  console(url: string): Promise<TransferFailure | undefined> {
    return this.#done(() => relayConsole(placeOf(url, this.#endpoint, this.#settings), this.#world, this.#output));
  }

  async #done(work: () => Promise<void>): Promise<TransferFailure | undefined> {
    await this.#output.flush();
    try {
      await work();
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof TransferFailure)) throw thrown;
      if (thrown.message !== '' && !(thrown instanceof FileFailure)) await this.#output.complain(`${thrown.message}\n`);
      return thrown;
    }
  }
}
