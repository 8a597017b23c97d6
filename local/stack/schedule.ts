import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { readParameters } from '../../deployment/defaults.ts';

/** So often is looked whether the sweep is due, or the clock was set back. One long timer would stand still while a laptop sleeps. */
const LOOK_EVERY_MILLISECONDS = 1000;

/** Sweeps daily as deployed; once for what came due in a sleep, or when the clock was set back. Returns how to stop. */
export function startSchedule(sweep: () => void, clock: () => number = Date.now): () => void {
  const schedule = String(readParameters()['sweepSchedule']);
  const nextAfter = (now: number) => now + millisecondsUntilNext(schedule, new Date(now));
  let looked = clock();
  let due = nextAfter(looked);
  const timer = setInterval(() => {
    const now = clock();
    const isSetBack = now < looked - LOOK_EVERY_MILLISECONDS;
    looked = now;
    if (now < due && !isSetBack) return;
    due = nextAfter(now);
    sweep();
  }, LOOK_EVERY_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

/** How long it is from `now` until the schedule is due next: more than nothing, at most a day. */
export function millisecondsUntilNext(schedule: string, now: Date): number {
  const [, minute, hour] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(schedule) ?? [];
  if (minute === undefined || hour === undefined)
    throw new Error(
      `serverless.yml: params.default.sweepSchedule: found ${JSON.stringify(schedule)}, allowed on a laptop is a time of the day in UTC, such as cron(15 0 * * ? *)`,
    );
  const today = new Date(now).setUTCHours(Number(hour), Number(minute), 0, 0);
  return today > now.getTime() ? today - now.getTime() : today + DAY_MILLISECONDS - now.getTime();
}
