import type { InvalidSceneFile } from '../base/errors.ts';

/** A value of a feature; null where the record has none. */
export type FeatureValue = string | number | null;

/** What is known of something, such as a customer, from a time on: values by the names of their features. */
export type FeatureRecord = {
  readonly id: string;
  /** The record's event time, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  /** Counts the records of this id; null where the source does not. */
  readonly version: number | null;
  readonly values: Readonly<Record<string, FeatureValue>>;
};

/** Records of one kind; `id` and `eventTime` are the names of these columns, where a source has them as columns. */
export type FeatureGroup = { readonly name: string; readonly id: string; readonly eventTime: string };

export type FeatureSource = {
  /**
   * Reads the latest record of each of these distinct ids, or why it is none; ids without one are left out.
   * @throws {InvalidSceneFile} when there is no such group, or it is none
   */
  read(group: FeatureGroup, ids: readonly string[]): Promise<ReadonlyMap<string, FeatureRecord | InvalidSceneFile>>;
};
