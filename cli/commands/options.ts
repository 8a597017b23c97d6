import { type Argument, type Command, Option } from 'commander';
import { attempt, insteadOf } from '../../core/base/errors.ts';
import { urlHost } from '../../core/doors/online/urlHost.ts';
import { webhookAddress } from '../../core/parameters/webhookAddress.ts';
import { type MlflowOrigin, parseWatched } from '../../core/releases/origins/origin.ts';
import { isStageName, stageNameRule } from '../../deployment/stageName.ts';
import { DATA_DIR } from '../service/where.ts';
import { refused, WrongUse } from '../terminal/output.ts';

/** What a command takes beside the texts of help.md: options that many have in common, and what an option may be. */

export type Shared = (command: Command) => Command;

export const json: Shared = (one) => one.option('--json', 'print JSON for scripts, and nothing else, on stdout');

export const dataDir: Shared = (command) =>
  command.option('--data-dir <folder>', 'where the embedded stack keeps everything', DATA_DIR);

/** The options that name a stage, and say who asks it. */
export const onStage =
  (description = 'a deployed stage instead of the embedded stack'): Shared =>
  (command) =>
    command
      .addOption(new Option('--stage <stage>', description).argParser(stageName).conflicts('dataDir'))
      .option('--region <region>', "the stage's region; default: as the AWS CLI chooses it")
      .option('--profile <name>', 'the AWS credentials to use');

/** Says more of an option or argument than that it is a text. */
export type Kind = (one: Option | Argument) => unknown;

export function usually(byDefault: string): Kind {
  return (one) => one.default(byDefault);
}

export function read<Read>(parse: (text: string, before: Read) => Read): Kind {
  return (one) => (one instanceof Option ? one.argParser(parse) : one.argParser(parse));
}

export function whole([least, most]: [number, number?], byDefault?: number): Kind {
  const range = most === undefined ? `from ${least} on` : `from ${least} to ${most}`;
  const isIn = (value: number) => Number.isInteger(value) && value >= least && value <= (most ?? Infinity);
  return number(isIn, `is a whole number ${range}`, byDefault);
}

/** A number above 0, up to 1. */
export const share = (byDefault?: number): Kind =>
  number((value) => value > 0 && value <= 1, 'is a number above 0, up to 1', byDefault);

const number =
  (isAllowed: (value: number) => boolean, allowed: string, byDefault?: number): Kind =>
  (one) => {
    const parse = (text: string) => {
      if (text.trim() !== '' && isAllowed(Number(text))) return Number(text);
      throw refused(`--${one.name()}`, text, allowed);
    };
    read(parse)(one);
    if (byDefault !== undefined) one.default(byDefault);
  };

export const percentage: Kind = (one) => number((n) => n >= 0 && n <= 100, 'is a number from 0 to 100')(one);

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
  throw refused('a host', text, 'is a host such as images.example.com, or one with a port');
}
