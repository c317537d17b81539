import { finished, type Readable } from 'node:stream';
import { LargePieces } from './large-pieces.js';

/**
 * What comes from a stream, as `LargePieces`. `onData` is called whenever something has come. Rejects as the stream does; a stream
 * that is left before its end is destroyed.
 */
export function streamPieces(stream: Readable, onData: () => void): AsyncGenerator<Buffer, void, void> {
  const pieces = new LargePieces();
  let isEnded = false;
  const take = (data: Buffer): void => {
    onData();
    for (let at = 0; at < data.length; ) {
      const count = data.copy(pieces.space, 0, at);
      at += count;
      pieces.filled(count);
    }
    if (pieces.isFull) stream.pause();
  };
  const forget = finished(stream, { writable: false }, (failure) => {
    isEnded = true;
    pieces.end(failure);
  });
  stream.on('data', take);
  return pieces.read({
    resume: () => void stream.resume(),
    stop() {
      forget();
      stream.off('data', take);
      if (!isEnded) stream.destroy();
    },
  });
}
