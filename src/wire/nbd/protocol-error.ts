/** The other side of an NBD connection broke the protocol: there is nothing to do but close. */
export class NbdProtocolError extends Error {
  override readonly name = 'NbdProtocolError';
}
