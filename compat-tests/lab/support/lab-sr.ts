import { beforeAll } from 'vitest';
import type { SrUnderTest } from '../../sr-life/sr-gateway.js';
import { type LabGateway, linesOf } from './lab-gateway.js';

/** An SR of the lab machine. `set` makes what it stands on, before the tests around this run, and tells how the SR is reached. */
export function labSr(
  gateway: LabGateway,
  set: () => Promise<{
    readonly type: string;
    readonly deviceConfig: Readonly<Record<string, string>>;
    readonly shared?: boolean;
    /** Prints what is left on its storage. */
    readonly content?: () => Promise<string>;
  }>,
): () => SrUnderTest {
  let underTest: SrUnderTest | undefined;

  beforeAll(async () => {
    const { shared = false, content = async () => '', ...how } = await set();
    const before = new Set(await linesOf(gateway.machine, 'held'));
    const held = async (): Promise<string[]> => (await linesOf(gateway.machine, 'held')).filter((line) => !before.has(line));
    underTest = { ...how, shared, content, held };
  });

  return () => {
    if (!underTest) throw new Error('there is nothing yet for the SR to stand on');
    return underTest;
  };
}
