/**
 * A finite float in the shortest of C's `%g` forms: at most so many significant digits, no trailing zeros, and an
 * exponent of two digits or more when it is below -4 or does not fit the digits. Numbers that JavaScript would spell
 * in another way (`1.5e-7`) are why this is not `String(value)`.
 */
export function floatText(value: number, digits: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const significant = mantissa.slice(sign.length).replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= digits) {
    const fraction = significant.slice(1);
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${significant[0]}${fraction && `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = significant.slice(exponent + 1);
  return `${sign}${whole}${fraction && `.${fraction}`}`;
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORD = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

/** A float in decimal form, or one of the words for what is no number or has no end; undefined for other text. */
export function parseFloatText(text: string): number | undefined {
  if (FLOAT.test(text)) return Number(text);
  const word = WORD.exec(text);
  if (!word) return undefined;
  if (word[2]) return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
