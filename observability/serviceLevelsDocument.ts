import { functionParameters } from '../core/parameters/ofFunctions.ts';
import { parameters } from '../core/parameters/parameters.ts';
import { readParameters } from '../deployment/defaults.ts';
import { alarmsOf, runbookSection } from './alarms.ts';
import { exampleParameters } from './exampleParameters.ts';
import { SERVER_ALERTS } from './serverPanels.ts';
import { SERVICE_LEVELS, shareInWords } from './serviceLevels.ts';

const HEAD = ['level', 'AWS account', 'own server'];
/** A service level's alarm or alert, and what to add about it. */
type Told = { id: string; more?: string } | null;
type Row = { level: string; alarm: Told; alert: Told };

/** Each level, with its alarm and alert. Throws if one does not exist. */
function serviceLevelsTable(): string {
  const { failedOfDay, failedOfMinutes, fast, taken } = SERVICE_LEVELS;
  const { apiLatencyLimit } = exampleParameters;
  const rows: Row[] = [
    {
      level: `at most ${shareInWords(failedOfDay.share)} of the requests of a day are answered with 5xx`,
      alarm: { id: 'api-errors-of-day' },
      alert: { id: 'SwathErrorsOfDays', more: 'the same of three days' },
    },
    {
      level: `at most ${shareInWords(failedOfMinutes.share)} of the requests of ${failedOfMinutes.seconds / 60} minutes are answered with 5xx`,
      alarm: { id: 'api-errors' },
      alert: { id: 'SwathErrors', more: 'by burn rates, for each route' },
    },
    {
      level: `${fast.percentile} % of the answers take at most`,
      alarm: { id: 'api-slow', more: `\`apiLatencyLimit\`, ${apiLatencyLimit} ms, including container starts` },
      alert: { id: 'SwathSlow', more: `${fast.serverSeconds} s, for requests for predictions` },
    },
    {
      level: `${taken.percentile} % of the batches wait for a thread for at most`,
      alarm: null,
      alert: { id: 'SwathWaiting', more: `${taken.seconds} s` },
    },
    {
      level: 'predictions can be sent to be counted',
      alarm: { id: 'api-uncounted' },
      alert: { id: 'SwathUncounted' },
    },
    { level: 'calls are not throttled', alarm: { id: 'api-throttles' }, alert: null },
    { level: 'the server answers', alarm: null, alert: { id: 'SwathDown' } },
    { level: 'each server answers', alarm: null, alert: { id: 'SwathServerDown' } },
    { level: 'each server stays up: at most two starts in half an hour', alarm: null, alert: { id: 'SwathRestarts' } },
    {
      level: 'the same as for all servers, for each one',
      alarm: null,
      alert: { id: 'SwathErrorsOfServer', more: 'by burn rates' },
    },
  ];
  const alarms = new Set(alarmsOf(exampleParameters).map(({ id }) => id));
  const alerts = new Set(SERVER_ALERTS.map(({ id }) => id));
  const cell = (told: Told, there: ReadonlySet<string>, link: (id: string) => string) => {
    if (told === null) return '';
    if (!there.has(told.id)) throw new Error(`The service levels name ${told.id}, which is not there.`);
    return `${told.more === undefined ? '' : `${told.more}: `}${link(told.id)}`;
  };
  return table(
    HEAD,
    rows.map(({ level, alarm, alert }) => [
      level,
      cell(alarm, alarms, (id) => `[\`${id}\`](${runbookSection(id).replace('docs/', '')})`),
      cell(alert, alerts, (id) => `\`${id}\``),
    ]),
  );
}

const PARAMETERS_HEAD = ['parameter', 'default', 'meaning', 'allowed', 'read by'];

/** The table of all parameters, in the order of serverless.yml. */
function parametersTable(): string {
  const rows = Object.entries(readParameters()).map(([name, value]) => {
    const { meaning = '', allowed = '', isObserved = false } = parameters[name] ?? {};
    const readers = [...(name in functionParameters ? ['functions'] : []), ...(isObserved ? ['alarms, panels'] : [])];
    return [`\`${name}\``, value === '' ? '' : `\`${value}\``, meaning, allowed, readers.join(', ') || 'deployment'];
  });
  return table(PARAMETERS_HEAD, rows);
}

/** Updates a table in a document, which is known by its head. */
function withTable(document: string, head: string[], made: string, what: string): string {
  const start = document.indexOf(`| ${head.join(' | ')} |`);
  if (start === -1) throw new Error(`There is no table of the ${what} in the document.`);
  return `${document.slice(0, start)}${made}${document.slice(document.indexOf('\n\n', start))}`;
}

export const withParameters = (document: string): string =>
  withTable(document, PARAMETERS_HEAD, parametersTable(), 'parameters');
export const withServiceLevels = (document: string): string =>
  withTable(document, HEAD, serviceLevelsTable(), 'service levels');

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
