import { DAY_MILLISECONDS } from '../../core/days.ts';
import type { Period } from '../period.ts';

/** Lengths that CloudWatch takes for a period, in seconds; each one is made of whole ones of the one before. */
const PERIODS = [60, 300, 900, 3600, 21_600, 86_400] as const;
/** More points than that nobody sees in a chart. */
export const MAX_POINTS = 400;

/**
 * CloudWatch's shortest periods of what is so many days old, and no more.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export const KEPT = [
  { periodSeconds: 60, days: 15 },
  { periodSeconds: 300, days: 63 },
  { periodSeconds: 3600, days: Number.POSITIVE_INFINITY },
] as const;

/** `now` is when it is asked for, where it was over by then. */
export type Span = { from: Date; to: Date; now?: Date };

/** The days of a period from their first moment to their last, as far as they have come by now. */
export function spanOf({ from, to }: Period, now: Date): Span {
  const end = new Date(Date.parse(to) + DAY_MILLISECONDS);
  const begin = new Date(`${from}T00:00:00.000Z`);
  return end < now ? { from: begin, to: end, now } : { from: begin, to: now };
}

/** The shortest period, in seconds, that CloudWatch still has of all of a span. */
export function shortestKept({ from, to, now = to }: Span): number {
  const days = (now.getTime() - from.getTime()) / DAY_MILLISECONDS;
  return KEPT.find((kept) => days <= kept.days)!.periodSeconds;
}

/** The shortest period, not below `least` seconds nor of such as are gone, that gives a few hundred points; of long spans a day. */
export function periodOf(span: Span, least: number): number {
  const seconds = (span.to.getTime() - span.from.getTime()) / 1000;
  const shortest = Math.max(least, shortestKept(span));
  return (
    PERIODS.find((period) => period >= shortest && seconds / period <= MAX_POINTS) ?? Math.max(least, PERIODS.at(-1)!)
  );
}
