/** Bytes of a piece: what is done for each one, up to storage, costs more than its bytes do. */
const PIECE = 2 ** 20;
/** Pieces that may wait while their reader is busy; then the client has to wait. */
const MOST_WAITING = 3;
/** Milliseconds after which what has come of a piece is handed on: a slow client is to see progress. */
const LONGEST_WAIT = 20;

/** Where the bytes of an upload come from. */
export interface PieceSource {
  /** Goes on to fill the pieces, after `isFull` was true. */
  resume(): void;
  /** Nobody wants any more; what has not come by now is not waited for. */
  stop(): void;
}

/**
 * What comes of an upload, in pieces that are large when it comes fast. The memory of a piece is used again when the next one is asked
 * for. The source copies bytes to `space` and tells with `filled`, or has them put there.
 */
export class LargePieces {
  readonly #waiting: Buffer[] = [];
  readonly #free: ArrayBufferLike[] = [];
  #filling: Buffer | undefined;
  #filled = 0;
  /** What lies before has been handed on. */
  #start = 0;
  #end: { readonly failure?: Error } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  /** Where the next bytes belong; at least one. */
  get space(): Buffer {
    this.#filling ??= this.#memory();
    return this.#filling.subarray(this.#filled);
  }

  #memory(): Buffer {
    const memory = this.#free.pop();
    return memory === undefined ? Buffer.allocUnsafeSlow(PIECE) : Buffer.from(memory);
  }

  /** Whether nothing more must come before `resume`. */
  get isFull(): boolean {
    return this.#waiting.length >= MOST_WAITING;
  }

  /** So many bytes have come to `space`. */
  filled(count: number): void {
    this.#filled += count;
    if (this.#filled === PIECE) this.#handOn();
    else this.#timer ??= setTimeout(() => this.#handOn(), LONGEST_WAIT);
  }

  /** Nothing more comes, because of a failure perhaps. */
  end(failure?: Error | null): void {
    this.#end ??= failure ? { failure } : {};
    this.#wake();
  }

  /** The pieces. Rejects with the failure of the end. */
  async *read(source: PieceSource): AsyncGenerator<Buffer, void, void> {
    try {
      for (;;) {
        const piece = await this.#next(source);
        if (piece === undefined) return;
        yield piece;
        if (piece.byteOffset + piece.length === PIECE) this.#free.push(piece.buffer);
      }
    } finally {
      clearTimeout(this.#timer);
      source.stop();
    }
  }

  async #next(source: PieceSource): Promise<Buffer | undefined> {
    for (;;) {
      const wasFull = this.isFull;
      const piece = this.#waiting.shift();
      if (wasFull) source.resume();
      if (piece !== undefined) return piece;
      if (this.#end?.failure) throw this.#end.failure;
      if (this.#end && this.#filled === this.#start) return undefined;
      if (this.#end) this.#handOn();
      else await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #handOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const filling = this.#filling;
    if (filling === undefined || this.#filled === this.#start) return;
    this.#waiting.push(filling.subarray(this.#start, this.#filled));
    // More may be on its way to the rest of this memory.
    this.#start = this.#filled;
    if (this.#filled === PIECE) {
      this.#filling = undefined;
      this.#filled = 0;
      this.#start = 0;
    }
    this.#wake();
  }
}
