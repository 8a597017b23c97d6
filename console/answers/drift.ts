import type { Drift, WindowNumbers } from '../api.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { doorsOf } from './doors.ts';
import { packageOrNone } from './packageOrNone.ts';
import { reportPath, reportsOf } from './reports.ts';
import { recentNumbers, windowNumbers } from './windowNumbers.ts';

/** The reference against what was predicted: lately, and on each judged day of a period by each model version. */
export async function driftOf(service: Service, period: Period): Promise<Drift> {
  const { parameters } = service;
  const versions = await service.listVersions();
  const [recent, doors, ...judged] = await Promise.all([
    recentNumbers(service),
    doorsOf(service),
    ...versions.map((version) => daysOf(service, parameters.modelName, version, period)),
  ]);
  return {
    threshold: parameters.driftThreshold,
    recent,
    days: judged.flat().sort((a, b) => a.day.localeCompare(b.day)), // of one day, the versions stay in their order
    doors,
  };
}

async function daysOf(service: Service, name: string, version: string, { from, to }: Period): Promise<Drift['days']> {
  if (await service.models.isTrial({ name, version })) return []; // the service's days are those of what was promoted
  const rows = await service.metrics.days({ name, version }, from, to);
  const model = rows.length === 0 ? null : await packageOrNone(service.models, { name, version });
  if (model === null) return [];
  const reports = await reportsOf(service, { name, version });
  return rows.map(({ day, revision, runs, cutOff, judgement }) => ({
    ...withFurthest(windowNumbers(model, runs, judgement)),
    day,
    revision,
    cutOff: cutOff ?? null,
    report: reports.has(day) ? reportPath(version, day) : null,
  }));
}

function withFurthest({ bands = [], ...numbers }: WindowNumbers): WindowNumbers {
  const [furthest] = bands.toSorted((a, b) => (b.jensenShannon ?? 0) - (a.jensenShannon ?? 0));
  return { ...numbers, ...(furthest && { bands: [furthest] }) };
}
