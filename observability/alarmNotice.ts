import type { AlarmState } from './alarmState.ts';
import { type Alarm, consolePlace, runbookSection } from './alarms.ts';

/** Somewhere to look or to read on: an address where there is one, else words such as a command or a file's name. */
export type Place = { name: string; at: string; url?: string };

/** What people are told of an alarm's change of state, in parts: an e-mail makes paragraphs of them, a chat blocks. */
export type AlarmNotice = {
  subject: string;
  /** What the matter is, or that it is over, in a sentence or two. */
  meaning: string;
  /** What to do first; none where it is over. */
  firstStep?: string;
  /** The files that it is about, a line each. */
  causes: readonly string[];
  /** Which state it has come to, and why. */
  change: string;
  /** Such as "OK -> ALARM". */
  states: string;
  /** When, in ISO 8601. */
  time: string;
  /** Where to look, and what to read. */
  places: readonly Place[];
};

/** What is told beside the alarm itself. */
export type Beside = {
  causes: readonly string[];
  /** Where the console is up, if it is. */
  url?: string | undefined;
  /** Where the dashboard is, if there is one. */
  dashboardUrl?: string | undefined;
};

/** An alarm as CloudWatch tells of it, of which nobody has a definition here. */
export type StrangeAlarm = { description: string };

/**
 * What is told of a change of an alarm's state.
 *
 * @param alarm its definition, or what is known of an alarm that is none of ours
 */
export function alarmNotice(
  alarm: Alarm | StrangeAlarm,
  before: string,
  { name, state, since, reason }: Pick<AlarmState, 'name' | 'state' | 'since' | 'reason'>,
  { causes, url, dashboardUrl }: Beside = { causes: [] },
): AlarmNotice {
  const dashboard = dashboardUrl === undefined ? [] : [{ name: 'Dashboard', at: dashboardUrl, url: dashboardUrl }];
  return {
    ...('id' in alarm ? ofOurs(alarm, name, state) : ofStrange(alarm, name, state)),
    causes,
    change: `The alarm ${name} has entered the ${state} state. ${reason}`,
    states: `${before} -> ${state}`,
    time: since,
    places: [...dashboard, ...('id' in alarm ? placesOf(alarm, url) : [])],
  };
}

type Words = Pick<AlarmNotice, 'subject' | 'meaning' | 'firstStep'>;

function ofOurs({ title, meaning, firstStep }: Alarm, name: string, state: AlarmState['state']): Words {
  if (state === 'ALARM') return { subject: `ALARM: ${name}: ${title}`, meaning, firstStep };
  if (state === 'OK') return { subject: `OK: ${name} (was: ${title})`, meaning: `This is over: ${title}.` };
  return { subject: `${state}: ${name}: ${title}`, meaning: `There are no data to tell whether this is so: ${title}.` };
}

function ofStrange({ description }: StrangeAlarm, name: string, state: AlarmState['state']): Words {
  return { subject: `${state}: ${name}`, meaning: description };
}

function placesOf(alarm: Alarm, url: string | undefined): Place[] {
  const at = consolePlace(alarm, url);
  return [
    { name: 'Console', at, ...(url !== undefined && { url: at }) },
    {
      name: 'Runbook',
      at: runbookSection(alarm.id),
      ...(url !== undefined && { url: `${url}#/runbook/${encodeURIComponent(alarm.id)}` }),
    },
  ];
}

/** That an alarm is OK for the first time is no news: that is its beginning, and not the end of a trouble. */
export function isNews(before: string, state: AlarmState['state']): boolean {
  return state !== 'OK' || before === 'ALARM';
}
