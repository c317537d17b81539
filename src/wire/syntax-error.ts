/** A body that is no call. The front door answers it with HTTP 500 and a page, never with a reply of the protocol. */
export class WireSyntaxError extends Error {
  override readonly name = 'WireSyntaxError';
}
