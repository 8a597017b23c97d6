import { type ParseArgsConfig, parseArgs } from 'node:util';
import { exitCodeOf, sentenceOf, WrongUse } from '../cli/terminal/output.ts';

/** Options of a search that `npm run` starts: a wrong one is refused with what is allowed, and where to read of it. */
export function makeSearchOptions(command: string) {
  const help = `See npm run ${command} -- --help.`;

  function read<const Options extends NonNullable<ParseArgsConfig['options']>>(options: Options) {
    try {
      return parseArgs({ options }).values;
    } catch (error) {
      throw new WrongUse(`${(error as Error).message.replace(/\.?$/, '.')} ${help}`);
    }
  }

  function wholeNumber(option: string, text: string, least: number): number {
    const number = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
    throw new WrongUse(`${option}: found ${JSON.stringify(text)}, allowed is a whole number from ${least} on. ${help}`);
  }

  return { read, wholeNumber };
}

type Numbers<Name extends string> = Readonly<Record<Name, { otherwise: number; least: number }>>;

/** The whole numbers and switches of a command. Where it is asked for help, or is wrong, it says so and ends. */
export function optionsOf<Number extends string, Switch extends string>(
  command: string,
  help: string,
  numbers: Numbers<Number>,
  switches: readonly Switch[],
): Record<Number, number> & Record<Switch, boolean> {
  const { read, wholeNumber } = makeSearchOptions(command);
  const all = Object.entries(numbers) as [Number, Numbers<Number>[Number]][];
  try {
    const values: Record<string, unknown> = read(
      Object.fromEntries([
        ...all.map(([name, { otherwise }]) => [name, { type: 'string', default: String(otherwise) }]),
        ...['help', ...switches].map((name) => [name, { type: 'boolean', default: false }]),
      ]),
    );
    if (values['help'] === true) {
      console.log(help);
      process.exit(0);
    }
    const found = all.map(([name, { least }]) => [name, wholeNumber(`--${name}`, String(values[name]), least)]);
    return { ...values, ...Object.fromEntries(found) };
  } catch (error) {
    console.error(sentenceOf(error));
    process.exit(exitCodeOf(error));
  }
}

/** Names and values below one another. */
export function inColumns(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
