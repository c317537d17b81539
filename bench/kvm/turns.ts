import { percentile, timed } from '../statistics.js';
import type { Row } from '../table.js';

const MIB = 2 ** 20;
/** Rounds that are measured; one before them is not. */
const ROUNDS = 5;

/** Milliseconds of both in each round. */
export type Rounds = readonly { readonly ours: number; readonly theirs: number }[];

/**
 * Does both in turns: what else the machine does meets one as it meets the other. `before` is done before each, and not measured.
 */
export async function inTurns(
  ours: () => Promise<void>,
  theirs: () => Promise<void>,
  before: () => Promise<void>,
): Promise<Rounds> {
  const measured = async (work: () => Promise<void>): Promise<number> => {
    await before();
    return timed(work);
  };
  await theirs();
  await ours();
  const rounds: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push({ theirs: await measured(theirs), ours: await measured(ours) });
  return rounds;
}

/** The median of the shares of all rounds, in percent, beside what is wanted. `other`: what ours is held against. */
export function shareRow(what: string, other: string, bytes: number, wanted: number, rounds: Rounds): Row {
  const rate = (times: readonly number[]): string => `${Math.round(bytes / MIB / (percentile(times, 0.5) / 1000))}`;
  const [ours, theirs] = [rounds.map((round) => round.ours), rounds.map((round) => round.theirs)];
  return {
    what: `${what}, as share of ${other} (${rate(ours)} to ${rate(theirs)} MiB/s)`,
    measured: percentile(
      rounds.map((round) => (round.theirs / round.ours) * 100),
      0.5,
    ),
    unit: '%',
    limit: wanted,
    better: 'more',
  };
}
