import { DAY_MILLISECONDS } from '../base/time/days.ts';

/** As feedSchedule has it on a stage. */
export const LAPTOP_SCHEDULE = 'rate(15 minutes)';

const UNITS = { minute: 60_000, hour: 3_600_000, day: DAY_MILLISECONDS };

/** The time between looks, in milliseconds; null if there is none, or if a schedule of times says when they are. */
export function periodOf(schedule: string): number | null {
  const [, n, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  return unit === undefined ? null : Number(n) * UNITS[unit as keyof typeof UNITS];
}

export function scheduleText(schedule: string, isLaptop: boolean): string {
  if (schedule === '')
    return `Nothing looks at feeds yet: deploy the stage with --param="feedSchedule=${LAPTOP_SCHEDULE}".`;
  const when = schedule.replace(/^rate\((?:1 )?(.*)\)$/, 'every $1');
  return `Feeds are looked at ${when}${isLaptop ? ' while npx swath start runs' : ''}.`;
}
