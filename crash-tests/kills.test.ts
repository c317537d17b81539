import { expect, it } from 'vitest';
import { campaign } from './support/campaign.js';
import { FieldWriter } from './support/writers/fields.js';
import { clones, disks, networks, networksByTasks, snapshots } from './support/writers/kinds.js';
import { MapKeyWriter } from './support/writers/map-keys.js';
import { MoveWriter } from './support/writers/moves.js';
import { ObjectWriter } from './support/writers/objects.js';
import { PowerWriter } from './support/writers/power.js';

/** Kills in all; every one costs a start of the daemon. `CRASH_KILLS=2000 npx vitest run --project crash kills` runs more. */
const KILLS = Number(process.env.CRASH_KILLS ?? 200);

/** A start may take several seconds on a busy machine. */
const TIME_LIMIT = KILLS * 10_000;

// Side by side: a start uses one core.
it.concurrent(
  'kills lose no acknowledged change of fields, keys and single objects',
  async () => {
    const writers = [
      new FieldWriter('fields one'),
      new FieldWriter('fields two'),
      new MapKeyWriter('keys one'),
      new MapKeyWriter('keys two'),
      new ObjectWriter('networks', networks()),
      new ObjectWriter('networks by tasks', networksByTasks()),
    ];
    const kills = Math.ceil(KILLS / 2);
    const outcome = await campaign(writers, kills);
    expect(outcome.kills).toBe(kills);
    for (const { name, acknowledged } of writers) expect(acknowledged, name).toBeGreaterThan(kills / 10);
  },
  TIME_LIMIT,
);

it.concurrent(
  'kills leave no half of what consists of several objects',
  async () => {
    const writers = [
      new ObjectWriter('clones', clones()),
      new ObjectWriter('snapshots', snapshots()),
      new ObjectWriter('disks', disks()),
      new PowerWriter('power'),
      new MoveWriter('moves'),
      new FieldWriter('fields'),
      new MapKeyWriter('keys'),
    ];
    const kills = Math.floor(KILLS / 2);
    const outcome = await campaign(writers, kills);
    expect(outcome.kills).toBe(kills);
    for (const { name, acknowledged } of writers) expect(acknowledged, name).toBeGreaterThan(kills / 10);
  },
  TIME_LIMIT,
);
