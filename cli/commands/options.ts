import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { attempt, insteadOf } from '../../core/base/errors.ts';
import { urlHost } from '../../core/doors/online/urlHost.ts';
import { webhookAddress } from '../../core/parameters/webhookAddress.ts';
import { type MlflowOrigin, parseWatched } from '../../core/releases/origins/origin.ts';
import { isStageName, stageNameRule } from '../../deployment/stageName.ts';
import { DATA_DIR } from '../service/where.ts';
import { refused, WrongUse } from '../terminal/failure.ts';

/** Shared by several commands: options, their parsers, and what a command can do beyond commander's. */

export const dataDir = () =>
  new Option('--data-dir <folder>', 'where the embedded stack keeps everything').default(DATA_DIR);
export const json = () => new Option('--json', 'print JSON for scripts, and nothing else, on stdout');

/** A command, whose own commands are of this class as well. */
export class SwathCommand extends Command {
  override createCommand(name?: string): SwathCommand {
    return new SwathCommand(name);
  }

  /** Adds the options that say whether it works on the embedded stack or on a stage. */
  somewhere(): this {
    return this.addOption(json()).addOption(dataDir()).onStage('a deployed stage instead of the embedded stack');
  }

  /** Adds the options that name a stage, and say who asks it. */
  onStage(description: string): this {
    return this.option('--stage <stage>', description, stageName)
      .option('--region <region>', "the stage's region; default: as the AWS CLI chooses it")
      .option('--profile <name>', 'the AWS credentials to use');
  }

  /** Adds an option that takes a whole number of a range. */
  wholeNumber(flags: string, description: string, [least, most]: [number, number?], byDefault?: number): this {
    const range = most === undefined ? `from ${least} on` : `from ${least} to ${most}`;
    const isIn = (value: number) => Number.isInteger(value) && value >= least && value <= (most ?? Infinity);
    return this.option(flags, description, numberOf(flags, isIn, `is a whole number ${range}`), byDefault);
  }

  /** Adds an option that takes a number above 0. */
  aboveZero(flags: string, description: string, most: number, byDefault?: number): this {
    const isIn = (value: number) => value > 0 && value <= most;
    return this.option(flags, description, numberOf(flags, isIn, `is a number above 0, up to ${most}`), byDefault);
  }

  /** Loads its code only when it is called: each has large dependencies of its own. Its help ends with its part of help.md. */
  runs<Given extends unknown[]>(load: () => Promise<(...given: Given) => Promise<void>>): this {
    return this.addHelpText('after', () => helpOf(this)).action(async (...given) =>
      (await load())(...(given as Given)),
    );
  }
}

/** Returns what help.md says of a command: empty if nothing. */
function helpOf(command: Command): string {
  const names: string[] = [];
  for (let one = command; one.parent !== null; one = one.parent) names.unshift(one.name());
  const heading = `${names.join(' ')}\n`;
  const parts = readFileSync(new URL('help.md', import.meta.url), 'utf8').split(/^## /m);
  return (parts.find((part) => part.startsWith(heading)) ?? heading).slice(heading.length).trimEnd();
}

export function stageName(text: string): string {
  if (isStageName(text)) return text;
  throw refused('--stage', text, `are ${stageNameRule}`);
}

/** Parses a webhook's address. The error message does not repeat it, as it may be a secret. */
export function webhook(text: string): URL {
  const address = webhookAddress(text, { isLoopbackFine: true });
  if (address !== undefined) return address;
  throw new WrongUse(
    '--alarm-webhook: allowed is an address that begins with https:// and has no user in it, or one of this machine itself.',
  );
}

/** Parses the alias of a model registry that sweeps watch; `option` begins the error's message. */
export function watchedAlias(option = ''): (text: string) => MlflowOrigin {
  const wrong = insteadOf(Error, ({ message }) => new WrongUse(`${option}${message}.`));
  return (text) => attempt(() => parseWatched(text), wrong);
}

/** Parses an option that takes several values. */
export function urlHosts(text: string, before: readonly string[] = []): string[] {
  const host = urlHost(text);
  if (host !== undefined) return [...before, host];
  throw refused('--url-hosts', text, 'are hosts such as images.example.com, or with a port');
}

/** The parser of an option, of what declares it, such as `--limit <count>`. */
const numberOf = (flags: string, isAllowed: (value: number) => boolean, allowed: string) => (text: string) => {
  if (text.trim() !== '' && isAllowed(Number(text))) return Number(text);
  throw refused(flags.split(' ')[0]!, text, allowed);
};
