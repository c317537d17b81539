import { fromDateTime, NEVER, toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { takeSnapshots } from '../classes/VMSS/run.js';
import { isDue } from '../classes/VMSS/schedule.js';
import { internalCall } from '../internal-call.js';

/** Milliseconds between two moments at which a schedule can run. */
const QUARTER = 15 * 60_000;
/** Milliseconds into the quarter at which it rings: timers may be a little early, and would then be in the one before. */
const MARGIN = 1000;
/** Quarters of an hour in the longest time between two runs of a schedule: a week. */
const QUARTERS_OF_A_WEEK = 7 * 24 * 4;

/** The schedules that are to run in the quarter of an hour of a moment. */
export function dueSchedules({ db }: Api, when: Date): Ref<'VMSS'>[] {
  return db
    .filter('VMSS', (plan) => plan.enabled && plan.VMs.length > 0 && isDue(plan.frequency, plan.schedule, when))
    .map(([vmss]) => vmss);
}

/** Runs what is due at a moment; resolves when all snapshots are taken. Failures are in the alerts and in the log. */
export async function runSchedules(api: Api, when: Date): Promise<void> {
  for (const vmss of dueSchedules(api, when)) {
    api.db.set('VMSS', vmss, { last_run_time: toDateTime(when.getTime()) });
    try {
      await internalCall(api, 'VMSS.snapshot_now', (call) => takeSnapshots(call, vmss));
    } catch (thrown) {
      api.log.warn({ err: thrown, vmss }, 'a snapshot schedule could not be run');
    }
  }
}

/** Tells people of runs that fell into a time when the daemon was not there. */
export function tellOfMissedRuns(api: Api, now: Date): void {
  const { db } = api;
  for (const [, plan] of db.filter(
    'VMSS',
    ({ enabled, VMs, last_run_time: last }) => enabled && VMs.length > 0 && last !== NEVER,
  )) {
    const missed = lastDue(plan, now);
    if (missed === undefined || missed.getTime() <= fromDateTime(plan.last_run_time) + QUARTER) continue;
    const body = `Schedule '${plan.name_label}' was not run at ${toDateTime(missed.getTime())}`;
    api.alerts.send('VMSS_SNAPSHOT_MISSED_EVENT', 'VMSS', plan.uuid, body);
  }
}

function lastDue({ frequency, schedule }: Fields<'VMSS'>, now: Date): Date | undefined {
  for (let back = 0; back < QUARTERS_OF_A_WEEK; back++) {
    const when = new Date(now.getTime() - back * QUARTER);
    if (isDue(frequency, schedule, when)) return startOfQuarter(when);
  }
  return undefined;
}

function startOfQuarter(when: Date): Date {
  return new Date(Math.floor(when.getTime() / QUARTER) * QUARTER);
}

/** Runs schedules at each quarter of an hour from now on. Returns the way to stop it. */
export function startSnapshotSchedules(api: Api): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(ring, QUARTER - (Date.now() % QUARTER) + MARGIN);
    timer.unref();
  };
  const ring = (): void => {
    const when = new Date();
    wait();
    runSchedules(api, when).catch((thrown: unknown) => api.log.error({ err: thrown }, 'snapshot schedules failed'));
  };
  tellOfMissedRuns(api, new Date());
  wait();
  return () => clearTimeout(timer);
}
