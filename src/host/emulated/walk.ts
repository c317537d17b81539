import { mix } from './random.js';

/** Milliseconds between two points of the slow and of the fast part of a walk. */
const SLOW = 600_000;
const FAST = 20_000;

/**
 * A value between 0 and 1 that wanders with time: slowly over minutes, with some noise over seconds. It follows from the
 * seed and the time alone, so that nothing has to be remembered and every run shows the same.
 */
export function walk(seed: number, now: number): number {
  return 0.7 * smooth(seed, now / SLOW) + 0.3 * smooth(~seed, now / FAST);
}

/** Noise with a random value at every whole position and a smooth way between them. */
function smooth(seed: number, position: number): number {
  const whole = Math.floor(position);
  const part = position - whole;
  const weight = part * part * (3 - 2 * part);
  return point(seed, whole) * (1 - weight) + point(seed, whole + 1) * weight;
}

function point(seed: number, at: number): number {
  return mix((seed ^ Math.imul(at, 0x9e3779b1)) | 0) / 0x1_0000_0000;
}
