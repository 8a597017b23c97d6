import { readParameters } from './service.ts';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Runs `sweep` by the schedule that deploys: a time of the day in UTC, which is all that a daily sweep needs of
 * EventBridge's cron expressions. Answers how to stop it.
 */
export function startSchedule(sweep: () => void): () => void {
  const schedule = String(readParameters()['sweepSchedule']);
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(
      () => {
        sweep();
        wait();
      },
      millisecondsUntilNext(schedule, new Date()),
    );
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
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
