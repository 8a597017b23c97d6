import * as z from 'zod';
import { InvalidModelPackage, insteadOf } from '../../core/base/errors.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { isOpen, parseGate } from '../../core/package/gateRules.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { type ComparedRuns, compareRuns } from '../../core/releases/comparison/compareRuns.ts';
import { incomparable, type Pair } from '../../core/releases/comparison/compareVersions.ts';
import { refusalsOf, rulesFor } from '../../core/releases/comparison/gate.ts';
import { numbersOf, truthOf } from '../../core/releases/comparison/numbers.ts';
import { noneIfInvalid } from '../../core/releases/models.ts';
import type { PredictedChip } from '../../core/results/predictions.ts';
import type { DifferenceSummary } from '../../core/tasks/shown.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import { Refused, refuseIfGone } from '../answer.ts';
import type { ChangedChip, VersionDiff } from '../api.ts';
import { wholeNumber } from '../query.ts';
import type { Service } from '../service.ts';
import { thumbnailPath } from './pictures.ts';

/** Nobody reads a table of more names. */
const MOST_NAMES = 20;

const VERSION = 'a version as NAME/VERSION';
const version = z.string(VERSION).regex(/^[^/]+\/[^/]+$/, VERSION);
export const diffQuery = z.object({ first: version, second: version, days: wholeNumber(1, 365).default(30) });

type Ports = Pick<Service, 'models' | 'listVersions' | 'ledger' | 'readResult' | 'openResult' | 'now' | 'parameters'>;

/** Compares two versions, as `swath model diff` does. Throws `Refused` with 404 and 409. */
export async function diffOf(service: Ports, asked: z.output<typeof diffQuery>): Promise<VersionDiff> {
  const [first, second] = [await packageOf(service, asked.first), await packageOf(service, asked.second)];
  if (asked.first === asked.second) throw new Refused(409, `${asked.first} is named twice: choose two versions.`);
  const reason = incomparable(first, second);
  if (reason !== undefined) throw new Refused(409, `${reason}.`);
  const since = new Date(service.now().getTime() - asked.days * DAY_MILLISECONDS);
  const told = await compareRuns(service, { first, second, since }).catch(
    refuseIfGone(409, ({ message }) => `${message} Predictions are kept for a while only: choose fewer days.`),
  );
  const { files, chips, difference, changed } = told;
  return {
    first: asked.first,
    second: asked.second,
    files,
    chips,
    numbers: difference === null ? [] : numbersOf(told),
    counted: difference?.counted ?? { of: 'chip', n: 0, alone: 0 },
    names: difference?.names ?? [],
    confusion: difference && confusionOf(difference),
    changes: difference?.changes?.slice(0, 50) ?? [],
    changed: changed.map((pair) => changedChip(pair, told)),
    refusals: await refusalsFor(service, told),
  };
}

async function packageOf({ models, listVersions }: Ports, asked: string): Promise<ModelPackage> {
  const [name = '', version = ''] = asked.split('/');
  if (!(await listVersions(name)).includes(version)) throw new Refused(404, `${asked} is not published.`);
  const broken = ({ message }: Error) => new Refused(409, `${asked} cannot run: ${message}`);
  return models.load({ name, version }).catch(insteadOf(InvalidModelPackage, broken));
}

function confusionOf({ names = [], changes }: DifferenceSummary): VersionDiff['confusion'] {
  if (changes === undefined || names.length > MOST_NAMES) return null;
  const said = names.filter(({ first, second }) => first + second > 0);
  const places = new Map(said.map(({ name }, i) => [name, i]));
  const counts = said.map(({ first }, i) => said.map((_, j) => (i === j ? first : 0)));
  for (const change of changes) {
    const [row, column] = [places.get(change.first)!, places.get(change.second)!];
    counts[row]![column] = change.count;
    counts[row]![row]! -= change.count;
  }
  return { names: said.map(({ name }) => name), counts };
}

function changedChip(pair: Pair, told: ComparedRuns): ChangedChip {
  const { first } = pair;
  const said = (chip: PredictedChip, model: ModelPackage) => ({
    text: chip.text ?? '',
    probability: chip.probability,
    isRight: shownOf(model).told(chip, model).isRight,
  });
  return {
    run: first.run,
    file: first.scene.key,
    index: first.index,
    truth: truthOf(pair, told),
    first: said(first, told.first),
    second: said(pair.second, told.second),
    image: doorOf(first.scene) === 'http' ? null : thumbnailPath(first.run, first.index),
  };
}

async function refusalsFor({ models, parameters }: Ports, told: ComparedRuns): Promise<string[] | null> {
  const { first, second } = told;
  const live = await models.promotion(first.name).catch(noneIfInvalid);
  if (first.name !== second.name || live?.version !== first.version) return null;
  const rules = rulesFor(second, first, parseGate(parameters.promotionGate));
  return isOpen(rules) ? [] : refusalsOf(rules, told).map(({ sentence }) => sentence);
}
