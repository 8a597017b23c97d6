import { type Alarm, type AlarmState, consolePlace, runbookPlace } from './alarms.ts';

/** A place to look or to read on: an address, or a text such as a command or a file's name. */
export type Place = { name: string; at: string };

/** The notice of an alarm's change of state, in parts: paragraphs of an e-mail, lines of a chat message. */
export type AlarmNotice = {
  subject: string;
  /** What is wrong, or that it is over, in a sentence or two. */
  meaning: string;
  /** What to do first; none if it is over. */
  firstStep?: string;
  /** What moved most, or the files concerned, a line each. */
  causes: readonly string[];
  change: string;
  /** Such as "OK -> ALARM". */
  states: string;
  /** When, in ISO 8601. */
  time: string;
  places: readonly Place[];
};

export type Beside = { causes: readonly string[]; url?: string | undefined; dashboardUrl?: string | undefined };

/** Makes the notice of a changed alarm, from its definition, or from what CloudWatch knows of an alarm that is not ours. */
export function alarmNotice(
  alarm: Alarm | { description: string },
  before: string,
  { name, state, since, reason }: Pick<AlarmState, 'name' | 'state' | 'since' | 'reason'>,
  { causes, url, dashboardUrl }: Beside = { causes: [] },
): AlarmNotice {
  const dashboard = dashboardUrl === undefined ? [] : [{ name: 'Dashboard', at: dashboardUrl }];
  return {
    ...('id' in alarm ? ofOurs(alarm, name, state) : { subject: `${state}: ${name}`, meaning: alarm.description }),
    causes,
    change: `The alarm ${name} has entered the ${state} state. ${reason}`,
    states: `${before} -> ${state}`,
    time: since,
    places: [...dashboard, ...('id' in alarm ? placesOf(alarm, url) : [])],
  };
}

function ofOurs({ title, meaning, firstStep }: Alarm, name: string, state: AlarmState['state']) {
  if (state === 'ALARM') return { subject: `ALARM: ${name}: ${title}`, meaning, firstStep };
  if (state === 'OK') return { subject: `OK: ${name} (was: ${title})`, meaning: `This is over: ${title}.` };
  return { subject: `${state}: ${name}: ${title}`, meaning: `There are no data to tell whether this is so: ${title}.` };
}

const placesOf = (alarm: Alarm, url: string | undefined): Place[] => [
  { name: 'Console', at: consolePlace(alarm, url) },
  { name: 'Runbook', at: runbookPlace(alarm.id, url) },
];

/** Whether a change is worth a notice: a first OK is not, because it is the alarm's creation. */
export const isNews = (before: string, state: AlarmState['state']): boolean => state !== 'OK' || before === 'ALARM';
