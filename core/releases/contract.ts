import type { ModelRef } from '../base/messages.ts';
import type { ModelPackage } from '../package/package.ts';
import type { ReadPackageFile } from '../package/packageFile.ts';
import type { Promotion } from './models.ts';
import type { PromotionNote } from './promotionHistory.ts';
import type { Served, Serving } from './serving.ts';
import type { Shadow } from './shadow.ts';

/**
 * What decides which version of a model classifies. A version is published once and never changes. Of each model one version
 * is live: the one of its newest promotion. Another may shadow it. What can happen, and the one write that decides it:
 *
 * | event | decided by |
 * | --- | --- |
 * | publish | `publication.json` of the version, which must not be there |
 * | promote, roll back | `promoted.json` of the model, if it is still what was read |
 * | begin or end a shadow | `shadow.json` of the model, if it is still what was read |
 * | serve a model, or stop | `serving.json` of the bucket, if it is still what was read |
 *
 * All else follows and is repeated by whoever comes next: the history, the end of the promoted version's shadow and trial.
 *
 * `Models` reads; `Promotions`, `makeShadowing` and `changeServing` write.
 */

/** What is live, and the packages. `name` of a call without one is the stage's own model. */
export interface Models {
  /** @throws {NoModelPromoted} */
  promoted(): Promise<ModelRef>;
  promotion(name?: string): Promise<Promotion | null>;
  shadow(name?: string): Promise<Shadow | null>;
  served(): Promise<Served[]>;
  /** The live models, and those that are served and cannot classify, with why. */
  serving(): Promise<Serving>;
  /** Whether a version was only tried by someone, and never promoted since: its runs count for no day. */
  isTrial(model: ModelRef): Promise<boolean>;
  /** Reads and checks a package, once per container. */
  load(model: ModelRef): Promise<ModelPackage>;
  /** Reads a version's files, and compares each with what was published. */
  fileOf(model: ModelRef): ReadPackageFile;
}

/** Both throw `NotPromotable` if the version cannot run, or somebody else was faster and it matters. */
export interface Promotions {
  /** @throws {RefusedByGate} unless `anyway` says why it is promoted all the same */
  promote(version: string, at: Date, note?: PromoteNote): Promise<Promoted>;
  /** Promotes the version before. No gate is asked. */
  rollback(at: Date, note?: RollbackNote): Promise<Promoted>;
  /** Has what follows from the newest promotion done, if its writer died; returns its number. */
  settle(): Promise<number>;
  /** Loads a version afresh, and checks that it is whole. */
  loadWhole(version: string): Promise<ModelPackage>;
  /** Checks that a version is published, whole and runs; `whatNot` begins the error: `cannot be promoted`. */
  assertRunnable(version: string, whatNot: string, at: Date): Promise<Runnable>;
}

/** A promotion as it stands; `wasPromoted` if nothing changed. `faster` is another that it found or replaced meanwhile. */
export type Promoted = Promotion & { wasPromoted: boolean; faster: Promotion | null; notes: string[] };

/** Who promotes, and why; `anyway` is the reason for overriding the gate, `over` the only promotion it may replace. */
export type PromoteNote = PromotionNote & { anyway?: string | undefined; over?: Promotion };

/** `seen` are the versions that were shown to who decided, if they were: back `from` the one `to` the other, and no others. */
export type RollbackNote = PromotionNote & { seen?: { from: string; to: string } | undefined };

export type Runnable = { model: ModelPackage; digest: string; notes: string[] };
