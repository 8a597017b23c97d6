/**
 * One error class per decision that a caller makes. Step Functions matches on the class's name, the ledger keeps it and
 * people read it, so it is set explicitly: a minified bundle would change it.
 */
export const errorNamed = <Name extends string>(name: Name) =>
  class extends Error {
    override readonly name = name;
  };

/** The file can never be processed, by any reader or at any time: the run ends `INVALID` and is never retried. */
export class InvalidSceneFile extends errorNamed('InvalidSceneFile') {}

/** The model package cannot work as it is: nothing may be classified with it until somebody fixes it. */
export class InvalidModelPackage extends errorNamed('InvalidModelPackage') {
  /** The problems in one of its files; the message ends with all of them. Empty if the message states a single problem. */
  readonly problems: readonly string[];

  constructor(message: string, { problems = [], ...options }: ErrorOptions & { problems?: readonly string[] } = {}) {
    super(message, options);
    this.problems = problems;
  }
}

/** A model version cannot be promoted; the message says why, and what to do instead. */
export class NotPromotable extends errorNamed('NotPromotable') {}

/** A gate refuses to promote a version that can run. A person may override it with a reason. */
export class RefusedByGate extends errorNamed('RefusedByGate') {
  /** What was not done; the message begins with it … */
  readonly what: string;
  /** … and continues with a sentence for each rule. */
  readonly refusals: readonly string[];

  constructor(what: string, refusals: readonly string[]) {
    super([what, ...refusals].join(' '));
    this.what = what;
    this.refusals = refusals;
  }
}

/** A step received a message that it does not understand: the caller is wrong, not a file. */
export class InvalidMessage extends errorNamed('InvalidMessage') {}

/** The model exceeded the time of a call and was stopped. It would again on these chips, so the step is not retried. */
export class ModelTooSlow extends errorNamed('ModelTooSlow') {}

/** No model version is promoted, so nothing can run; the sweep starts the file once one is. */
export class NoModelPromoted extends errorNamed('NoModelPromoted') {}

/** The alarms' webhook cannot work as it is: somebody has to configure another one. */
export class InvalidWebhook extends errorNamed('InvalidWebhook') {}

/** A transient error (throttling, a service's own fault, a lost connection): worth a retry soon. */
export class TransientTrouble extends errorNamed('TransientTrouble') {}

/** The server of a model that runs elsewhere does not answer, or has too much to do: worth retries for hours. */
export class EndpointUnavailable extends errorNamed('EndpointUnavailable') {}

/** The model needs more than a function has, and a job in a container has not come to its end yet: it is to be started. */
export class ContainerNeeded extends errorNamed('ContainerNeeded') {}

/** The run whose map is this one's mask has not come to its end: worth retries for hours. */
export class MaskAwaited extends errorNamed('MaskAwaited') {}

/** The run whose map is this one's mask has failed, or there is none; once it is done, this one is tried again. */
export class MaskMissing extends errorNamed('MaskMissing') {}

export class ObjectNotFound extends errorNamed('ObjectNotFound') {}

/** An object is larger than its reader accepts; none of it was read. */
export class ObjectTooLarge extends errorNamed('ObjectTooLarge') {
  readonly bytes: number;

  constructor(what: string, bytes: number, limit: number) {
    super(`${what} has ${bytes} bytes, allowed are at most ${limit}.`);
    this.bytes = bytes;
  }
}

/** The file changed after its version was seen. Its new content is a scene, and so a run, of its own. */
export class SceneFileChanged extends errorNamed('SceneFileChanged') {}

/** The disk has no room for a write of that many bytes; a rerun works once it has. */
export class DiskFull extends errorNamed('DiskFull') {}

/** Another execution has taken over this run, because its lease had expired: this one's work is void. */
export class ClaimLost extends errorNamed('ClaimLost') {}

/** Executions keep dying while they work on this file of a batch: it is tried by itself. */
export class BatchGivenUp extends errorNamed('BatchGivenUp') {}

/** The service was stopped during this work. Nobody's fault, and it does not count as an attempt. */
export class Interrupted extends errorNamed('Interrupted') {}

/** A class of errors, or the name or code that some errors have. */
type Kind = string | (abstract new (...args: never[]) => unknown);
type Of<One> = One extends abstract new (...args: never[]) => infer Caught ? Caught : Error;

/** Makes the `catch` of a promise that handles errors of one kind, or of a few, and throws all others. */
export function onError<One extends Kind, Result>(kinds: One | readonly One[], handle: (error: Of<One>) => Result) {
  return (error: unknown): Result => {
    const { name, code } = Object(error) as { name?: unknown; code?: unknown };
    const isOne = (kind: Kind) => (typeof kind === 'string' ? [name, code].includes(kind) : error instanceof kind);
    if (![kinds].flat().some(isOne)) throw error;
    return handle(error as Of<One>);
  };
}

/** The same, for errors that are thrown on as another one. */
export const insteadOf = <One extends Kind>(kinds: One | readonly One[], make: (error: Of<One>) => Error) =>
  onError(kinds, (error): never => {
    throw make(error);
  });

/** Returns the result of what is done at once, or of `handle` if that throws, such as `onError`. */
export function attempt<Result, Other>(work: () => Result, handle: (error: unknown) => Other): Result | Other {
  try {
    return work();
  } catch (error) {
    return handle(error);
  }
}

/** Returns the result of what is done at once, or `other` if that throws anything. */
export const orElse = <Result, Other>(other: Other, work: () => Result): Result | Other => attempt(work, () => other);

/** Returns whether an error says that a model package, or one of its files, is gone or cannot be used. */
export const isUnusable = (error: unknown): error is InvalidModelPackage | ObjectNotFound =>
  error instanceof InvalidModelPackage || error instanceof ObjectNotFound;

/**
 * Quotes a part of a file's contents in a message. The sender of a file needs it to see what is wrong, so it is kept in the
 * ledger. The log, which more people read and which is stored elsewhere, omits it. The quotation marks identify it there:
 * no other part of our messages contains them.
 */
export const cited = (text: string): string => `“${text.replaceAll(/[“”]/g, "'")}”`;

/** Quotes the beginning of a text from a file on one line; unusual characters are escaped as in JSON. */
export const citedStart = (text: string, letters: number): string =>
  cited(JSON.stringify(text.slice(0, letters)).slice(1, -1));

/** Returns a message without its citations, including one that is cut off in the middle. */
export const withoutCitations = (message: string): string => message.replaceAll(/“[^”]*(”|$)/g, '“…”');

export const errorForLog = (error: unknown): string =>
  withoutCitations(error instanceof Error ? `${error.name}: ${error.message}` : String(error));

export const jsonIn = (text: string): unknown => orElse(undefined, () => JSON.parse(text));

const MOST_LISTED = 20;

/** Lists names for a message, shortened because a sensor may have hundreds of bands. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
