import { isDeepStrictEqual } from 'node:util';
import { shadowPredictionsKey } from '../../core/base/keys.ts';
import { modelId, runId, sceneId, shadowRunId } from '../../core/base/messages.ts';
import { isShadowItem } from '../../core/ledger/ledgerItem.ts';
import type { Item } from './expressions.ts';
import type { SceneFile } from './files.ts';
import type { Version } from './inbox.ts';
import { MODEL, SHADOW } from './model.ts';
import type { Change } from './results.ts';
import type { Scenario } from './scenarios.ts';
import type { Written } from './table.ts';
import type { Violation } from './violation.ts';
import type { Worker, World } from './world.ts';

type Expected = { version: Version; file: SceneFile };
export type ShadowRulesPorts = {
  isOfShadow: (worker: Worker) => boolean;
  /** Whether nothing has gone wrong but what a shadow meets. */
  isFaultless: () => boolean;
};

/** What a shadow may change, and what there is of it in the end. */
export function makeShadowRules(
  world: World,
  { broken, isOfShadow, isFaultless }: ShadowRulesPorts & { broken: (rule: Violation['rule'], what: string) => void },
) {
  /** Says whether it is a shadow's row. */
  function onWrite({ before, after }: Pick<Written, 'before' | 'after'>, worker: Worker | undefined): boolean {
    const item = after ?? before ?? {};
    const [isRow, isOurs] = [isShadowItem(item), worker !== undefined && isOfShadow(worker)];
    if (isRow !== isOurs) broken(10, `${worker?.label} wrote ${item['scene']}, ${item['model']}`);
    if (isRow && after?.['model'] !== modelId(SHADOW))
      broken(10, `${worker?.label} wrote a shadow's row as ${item['model']}`);
    return isRow;
  }

  function onResult({ key }: Change, worker: Worker | undefined): void {
    const isOurs = worker !== undefined && isOfShadow(worker);
    if (isOurs && /^jobs\/[^/]+\/shadow\.(outcome\.)?json$/.test(key)) return;
    if (key.startsWith('shadows/') !== isOurs) broken(10, `${worker?.label} wrote ${key}`);
  }

  /** The file that a shadow's run is of. */
  function fileOf(run: string, expected: readonly Expected[]): SceneFile | undefined {
    return expected.find(({ version }) => shadowRunId(version.scene, SHADOW) === run)?.file;
  }

  /** @param isUntouched whether nothing has gone wrong at all */
  function verify(
    fail: (rule: Violation['rule'], what: string) => void,
    {
      items,
      rows,
      expected,
      shadow,
      isFaultless: isUntouched,
    }: { items: Item[]; rows: Item[]; expected: Expected[]; shadow: Scenario['shadow']; isFaultless: boolean },
  ): void {
    for (const { version, file } of expected) {
      const about = `${version.scene.key}, version ${version.scene.versionId.slice(0, 8)}`;
      const live = rows.find(({ run }) => run === runId(version.scene, MODEL));
      const row = items.find((item) => isShadowItem(item) && item['scene'] === `shadow#${sceneId(version.scene)}`);
      if (shadow === 'failing' && isFaultless() && live?.['failures'] !== undefined && file.numbers !== null)
        fail(
          10,
          `${about}: its run has failed, and nothing but its shadow has met a fault: ${JSON.stringify(live['error'])}`,
        );
      const [isDone, hasShadow] = [live?.['state'] === 'DONE', row?.['state'] === 'SHADOW DONE'];
      const isMeant = file.shadowed === undefined || file.shadowed.chips > 0;
      if (isUntouched && shadow === 'sound' && ((isDone && isMeant && !hasShadow) || (hasShadow && !isDone)))
        fail(10, `${about}: its run is ${live?.['state']}, its shadow ${row?.['state']}, and nothing went wrong`);
      if (row?.['state'] === 'SHADOW DONE') checkDone(about, row, file);
    }

    function checkDone(about: string, row: Item, file: SceneFile): void {
      const numbers = file.shadowed ?? file.numbers;
      const { chips, blank, run, day, parts } = row as Record<string, number & string>;
      const { counts, missing }: { counts: number[]; missing: number } = JSON.parse(String(row['summary']));
      const [isAlone, isOfFile] = [row['batch'] === undefined, file.shadowed === undefined];
      const inParts = isAlone && isOfFile ? numbers?.parts.length : Math.min(1, numbers?.parts.length ?? 0); // others are in one file
      const wanted = numbers && [numbers.chips, numbers.blank, numbers.missing, numbers.counts, inParts];
      if (!isDeepStrictEqual([chips, blank, missing, counts, parts], wanted))
        fail(10, `${about}: its shadow counts ${JSON.stringify(row)}`);
      for (let part = 0; part < Number(parts); part += 1) {
        const id = String(row['batch'] ?? run);
        const key = shadowPredictionsKey({ id, model: SHADOW, day: day! }, part);
        if (!world.results.has(key)) fail(10, `${about}: its shadow is done without ${key}`);
      }
    }
  }

  return { onWrite, onResult, fileOf, verify };
}
