/** Grains whose bits are kept together: 32 KiB of them. */
const PAGE = 2 ** 18;

/** Which grains of a disk have come. */
export class GrainSet {
  readonly #pages = new Map<number, Uint8Array>();

  /** False when it has come before. */
  add(grain: number): boolean {
    const number = Math.floor(grain / PAGE);
    const page = this.#pages.get(number) ?? new Uint8Array(PAGE / 8);
    this.#pages.set(number, page);
    const place = grain % PAGE;
    const [byte, bit] = [page[place >> 3] ?? 0, 1 << (place & 7)];
    page[place >> 3] = byte | bit;
    return (byte & bit) === 0;
  }
}
