import meanings from '../../core/parameters/meanings.json' with { type: 'json' };
import { sizeParameters } from '../../core/parameters/ofDeployment.ts';
import { functionParameters } from '../../core/parameters/ofFunctions.ts';
import { parameters } from '../../core/parameters/parameters.ts';
import { readParameters } from '../../deployment/defaults.ts';

const PARAMETERS_HEAD = ['parameter', 'default', 'meaning', 'allowed', 'read by'];

/** The table of all parameters, in the order of serverless.yml. */
function parametersTable(): string {
  const rows = Object.entries(readParameters()).map(([name, value]) => {
    const { allowed = '', isObserved = false } = parameters[name] ?? {};
    const readers = [...(name in functionParameters ? ['functions'] : []), ...(isObserved ? ['alarms, panels'] : [])];
    return [
      `\`${name}\``,
      value === '' ? '' : `\`${value}\``,
      meaningOf(name),
      allowed,
      readers.join(', ') || 'deployment',
    ];
  });
  return table(PARAMETERS_HEAD, rows);
}

/** The sizes of functions mean the same of each. */
function meaningOf(name: string): string {
  const [, sized, size] = (name in sizeParameters && /^(\w+)(Timeout|Memory)$/.exec(name)) || [];
  if (size === 'Timeout') return `Timeout of \`${sized}\` in seconds`;
  if (size === 'Memory')
    return `Memory of \`${sized}\` in MB, with a proportional share of a vCPU: 1,769 MB is one vCPU`;
  return meanings[name as keyof typeof meanings];
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
