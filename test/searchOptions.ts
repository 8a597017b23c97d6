import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WrongUse } from '../cli/terminal/failure.ts';

/** Options of a search that `npm run` starts: a wrong one is refused with what is allowed, and where to read of it. */
export function makeSearchOptions(command: string) {
  const help = `See npm run ${command} -- --help.`;

  function read<const Options extends NonNullable<ParseArgsConfig['options']>>(options: Options) {
    try {
      return parseArgs({ options }).values;
    } catch (error) {
      throw new WrongUse(`${(error as Error).message} ${help}`);
    }
  }

  function wholeNumber(option: string, text: string, least: number): number {
    const number = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
    throw new WrongUse(`${option}: found ${JSON.stringify(text)}, allowed is a whole number from ${least} on. ${help}`);
  }

  return { read, wholeNumber };
}
