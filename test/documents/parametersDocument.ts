import { functionParameters } from '../../core/parameters/ofFunctions.ts';
import { parameters } from '../../core/parameters/parameters.ts';
import { readParameters } from '../../deployment/defaults.ts';

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

/** Puts the table of the parameters, which is known by its head, into docs/deploy.md. */
export function withParameters(document: string): string {
  const start = document.indexOf(`| ${PARAMETERS_HEAD.join(' | ')} |`);
  if (start === -1) throw new Error('There is no table of the parameters in the document.');
  return `${document.slice(0, start)}${parametersTable()}${document.slice(document.indexOf('\n\n', start))}`;
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
