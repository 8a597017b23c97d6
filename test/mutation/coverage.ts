import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which places of the sources some tests come to: the ranges of each thread and process that loaded a source, by its URL. */
export type Coverage = ReadonlyMap<string, readonly (readonly Range[])[]>;

type Range = { startOffset: number; endOffset: number; count: number };
type Report = { result: { url: string; functions: { ranges: Range[] }[] }[] };

/** Reads what Node has written: https://nodejs.org/api/cli.html#node_v8_coveragedir */
export function readCoverage(folder: string, isMeant: (url: string) => boolean): Coverage {
  const found = new Map<string, Range[][]>();
  for (const name of readdirSync(folder)) {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report;
    for (const { url, functions } of report.result)
      if (isMeant(url)) found.set(url, [...(found.get(url) ?? []), functions.flatMap(({ ranges }) => ranges)]);
  }
  return found;
}

/** Whether a place is come to in one of the threads. */
export function isReached(coverage: Coverage, url: string, offset: number): boolean {
  return (coverage.get(url) ?? []).some((ranges) => isReachedBy(ranges, offset));
}

/** What the smallest range around the place says. */
function isReachedBy(ranges: readonly Range[], offset: number): boolean {
  let smallest: Range | undefined;
  for (const range of ranges) {
    const isAround = range.startOffset <= offset && offset < range.endOffset;
    if (isAround && (smallest === undefined || lengthOf(range) <= lengthOf(smallest))) smallest = range;
  }
  return smallest !== undefined && smallest.count > 0;
}

function lengthOf({ startOffset, endOffset }: Range): number {
  return endOffset - startOffset;
}
