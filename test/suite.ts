import { after, before, describe } from 'node:test';
import type { TestStack } from './stack.ts';
import { arrays } from './suite/arrays.ts';
import { badScenes } from './suite/badScenes.ts';
import { blanks } from './suite/blanks.ts';
import { bulk } from './suite/bulk.ts';
import { days } from './suite/days.ts';
import { derivedBands } from './suite/derivedBands.ts';
import { hostileNames } from './suite/hostileNames.ts';
import { identity } from './suite/identity.ts';
import { maps } from './suite/maps.ts';
import { missing } from './suite/missing.ts';
import { parts } from './suite/parts.ts';
import { rasters } from './suite/rasters.ts';
import { realScene } from './suite/realScene.ts';
import { serving } from './suite/serving.ts';
import { makeSubject, type Stacked, type Subject } from './suite/subject.ts';
import { sweep } from './suite/sweep.ts';
import { values } from './suite/values.ts';

/** A run that never comes to its end must not hang the suite. */
const TIMEOUT_MILLISECONDS = 35 * 60_000;

/** The whole pipeline, from outside: the same tests for every stack that can be had. */
export const WHOLE = [
  realScene,
  arrays,
  rasters,
  maps,
  derivedBands,
  values,
  parts,
  blanks,
  missing,
  badScenes,
  identity,
  hostileNames,
  sweep,
  bulk,
  days,
  serving,
];

/** Has a stack of its own for these tests. */
export function suiteOf(
  name: string,
  open: () => Promise<TestStack>,
  parts: readonly ((stacked: Stacked) => void)[],
): void {
  describe(`the whole pipeline on ${name}`, { timeout: TIMEOUT_MILLISECONDS }, () => {
    let subject: Subject | undefined;
    before(async () => {
      subject = await makeSubject(await open());
    });
    after(() => subject?.stack.close());
    for (const tests of parts) tests(() => subject!);
  });
}
