/**
 * One error class per decision that a caller makes. The class's name is what Step Functions matches on, what the
 * ledger keeps and what people read, so it is set by hand: a minified bundle would change it.
 */

/** The file can never work, whoever reads it and however often: the run ends `INVALID` and is never retried. */
export class InvalidSceneFile extends Error {
  override readonly name = 'InvalidSceneFile';
}

/** The model package can never work as it is: nothing may be classified with it until somebody mends it. */
export class InvalidModelPackage extends Error {
  override readonly name = 'InvalidModelPackage';
  /** What is wrong in one of its files, each by itself; the message ends with all of them. None where it says one thing. */
  readonly problems: readonly string[];

  constructor(message: string, { problems = [], ...options }: ErrorOptions & { problems?: readonly string[] } = {}) {
    super(message, options);
    this.problems = problems;
  }
}

/** A model version cannot be promoted; the message says why, and what to do instead. */
export class NotPromotable extends Error {
  override readonly name = 'NotPromotable';
}

/** A gate forbids to promote a version, though it can run: a person may, who says why. */
export class RefusedByGate extends Error {
  override readonly name = 'RefusedByGate';
  /** What was not done; the message begins with it … */
  readonly what: string;
  /** … and goes on with a sentence for each rule. */
  readonly refusals: readonly string[];

  constructor(what: string, refusals: readonly string[]) {
    super([what, ...refusals].join(' '));
    this.what = what;
    this.refusals = refusals;
  }
}

/** A step was sent something that it does not understand: a wrong caller, not a wrong file. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

/** The model took longer for one call than allowed, and was stopped: on the same chips it would again, so no step is tried again for it. */
export class ModelTooSlow extends Error {
  override readonly name = 'ModelTooSlow';
}

/** No model version is promoted, so there is nothing to run; the sweep starts the file once one is. */
export class NoModelPromoted extends Error {
  override readonly name = 'NoModelPromoted';
}

/** The alarms' webhook can never work as it is: somebody has to say where another one is. */
export class InvalidWebhook extends Error {
  override readonly name = 'InvalidWebhook';
}

/** Trouble of the moment (throttling, a service's own fault, a lost connection): worth another try soon. */
export class TransientTrouble extends Error {
  override readonly name = 'TransientTrouble';
}

/** An object that should be there is not. */
export class ObjectNotFound extends Error {
  override readonly name = 'ObjectNotFound';
}

/** An object has more bytes than whoever reads it takes; none of them was read. */
export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge';
  readonly bytes: number;

  constructor(what: string, bytes: number, limit: number) {
    super(`${what} has ${bytes} bytes, allowed are at most ${limit}.`);
    this.bytes = bytes;
  }
}

/** The file changed after its version was seen. Its new content is a scene, and so a run, of its own. */
export class SceneFileChanged extends Error {
  override readonly name = 'SceneFileChanged';
}

/** The disk has no room for a write of so many bytes; a rerun works once there is. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/** Another execution has taken this run over (its lease had expired): whatever this one still holds is void. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

/** Whoever works on this batch dies: its files are tried one by one. */
export class BatchGivenUp extends Error {
  override readonly name = 'BatchGivenUp';
}

/** The service was told to stop while this was on its way; nobody's fault, and no attempt is charged for it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
