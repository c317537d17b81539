/** Words for amounts that old versions of the format have, without their plural, in lower case. */
const WORDS: Readonly<Record<string, number>> = {
  byte: 1,
  b: 1,
  kilobyte: 2 ** 10,
  kb: 2 ** 10,
  kib: 2 ** 10,
  megabyte: 2 ** 20,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gigabyte: 2 ** 30,
  gb: 2 ** 30,
  gib: 2 ** 30,
  terabyte: 2 ** 40,
  tb: 2 ** 40,
};

/** Bytes of a unit of amounts, such as `byte * 2^20` or `MegaBytes`; undefined for what is none. */
export function unitOf(text: string): number | undefined {
  const plain = text.toLowerCase().replace(/\s+/g, '');
  const word = WORDS[plain] ?? WORDS[plain.replace(/s$/, '')];
  if (word !== undefined) return word;
  const [, factor, base, power] = /^bytes?\*(?:(\d{1,15})|(2|10)\^(\d{1,2}))$/.exec(plain) ?? [];
  const unit = factor !== undefined ? Number(factor) : Number(base) ** Number(power);
  return Number.isSafeInteger(unit) && unit > 0 ? unit : undefined;
}
