import { reportKey } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { commandFor } from '../../core/base/text/commandFor.ts';
import { isDay } from '../../core/base/time/days.ts';
import { placeOf } from '../../observability/alarms.ts';
import { Refused, refuseIfGone } from '../answer.ts';
import type { Service } from '../service.ts';

export const reportPath = (version: string, day: string): string => `/reports/${version}/${day}.html`;

/** The days for which a model version has a report. */
export async function reportsOf({ listResults }: Pick<Service, 'listResults'>, model: ModelRef): Promise<Set<string>> {
  const [before = '', after = ''] = reportKey(model, '<day>', 'html').split('<day>');
  const keys = await listResults(before);
  return new Set(keys.filter((key) => key.endsWith(after)).map((key) => key.slice(before.length, -after.length)));
}

export async function reportOf({ readResult, parameters }: Service, model: ModelRef, day: string) {
  if (!isDay(day)) throw new Refused(404, `There is no day ${day}.`);
  const why = `There is no report for ${day} by ${model.version}. To make one: ${commandFor(placeOf(parameters), `report --day ${day}`)}`;
  return new TextDecoder().decode(await readResult(reportKey(model, day, 'html')).catch(refuseIfGone(404, () => why)));
}
