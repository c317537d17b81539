/** The other side of an `xe` connection broke the protocol: there is nothing to do but close. */
export class XeProtocolError extends Error {
  override readonly name = 'XeProtocolError';
}
