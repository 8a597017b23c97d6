/** The distance above which the average of many days drifts: a change that lasts matters before a sudden one does. */
export const gradualThreshold = (driftThreshold: number): number => Number((0.4 * driftThreshold).toPrecision(6));
