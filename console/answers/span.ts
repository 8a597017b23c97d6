import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import type { Period } from '../period.ts';

/** Period lengths that CloudWatch accepts, in seconds; each is a multiple of the one before. */
const PERIODS = [60, 300, 900, 3600, 21_600, 86_400] as const;
/** A chart cannot show more points. */
export const MAX_POINTS = 400;

/** CloudWatch's shortest periods: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
export const KEPT = [
  { periodSeconds: 60, days: 15 },
  { periodSeconds: 300, days: 63 },
  { periodSeconds: 3600, days: Number.POSITIVE_INFINITY },
] as const;

/** `now` is the time of the request, if the span had ended by then. */
export type Span = { from: Date; to: Date; now?: Date };

export function spanOf({ from, to }: Period, now: Date): Span {
  const end = new Date(Date.parse(to) + DAY_MILLISECONDS);
  const begin = new Date(`${from}T00:00:00.000Z`);
  return end < now ? { from: begin, to: end, now } : { from: begin, to: now };
}

/** The shortest period, in seconds, that CloudWatch still has for the whole span. */
export function shortestKept({ from, to, now = to }: Span): number {
  const days = (now.getTime() - from.getTime()) / DAY_MILLISECONDS;
  return KEPT.find((kept) => days <= kept.days)!.periodSeconds;
}

/** The shortest available period of at least `least` seconds that gives a few hundred points; a day for long spans. */
export function periodOf(span: Span, least: number): number {
  const seconds = (span.to.getTime() - span.from.getTime()) / 1000;
  const shortest = Math.max(least, shortestKept(span));
  return PERIODS.find((one) => one >= shortest && seconds / one <= MAX_POINTS) ?? Math.max(least, PERIODS.at(-1)!);
}
