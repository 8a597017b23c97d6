import { counted, orNone } from '../../../charts/format.ts';
import { largest } from '../../../core/base/text/largest.ts';
import { percent, precise } from '../../../core/base/text/numbers.ts';
import type { ChangedChip, ModelVersions, VersionDiff } from '../../api.ts';
import { Asking, Nothing, noted, outside, outsideText, RunLink, Sentences, useAnswer } from '../parts/answered.tsx';
import { Icon } from '../parts/badges.tsx';
import { Thumbnail } from '../parts/chipPicture.tsx';
import { Choice, NameChoice } from '../parts/controls.tsx';
import { type Column, Facts, numbers, ScrolledTable } from '../parts/table.tsx';
import { changeQuery, hrefOf, queryText, type Route } from '../route.ts';
import { Confusion } from './confusion.tsx';

export function DiffPage({ route }: { route: Route }) {
  const { first = '', second = '', days = '30' } = route.query;
  const name = first.split('/')[0] ?? '';
  const models = useAnswer<ModelVersions>(`/api/models${queryText({ name })}`, []);
  const versions = models.data?.versions.map(({ version }) => `${models.data!.name}/${version}`) ?? [];
  const allOf = (chosen: string) => ({ known: versions, value: chosen, ...(chosen === '' && { all: 'choose' }) });
  return (
    <>
      <h1 tabIndex={-1}>Two versions, the same chips</h1>
      <p class="lead">
        What both have said of the same files. <a href={hrefOf('models', { query: { name } })}>To the versions</a>
      </p>
      <search class="filters">
        <NameChoice label="First" {...allOf(first)} onChoose={(one) => changeQuery(route, { first: one })} />
        <NameChoice label="Second" {...allOf(second)} onChoose={(one) => changeQuery(route, { second: one })} />
        <Choice
          label="Runs of the last"
          value={days}
          options={['7', '30', '90', '365'].map((span) => [span, `${span} days`])}
          onChoose={(span) => changeQuery(route, { days: span })}
        />
      </search>
      {first === '' || second === '' ? (
        <Nothing>Choose two versions.</Nothing>
      ) : (
        <Difference asked={{ first, second, days }} />
      )}
    </>
  );
}

/** It reads all that both have predicted: asked once, and not whenever a run is done. */
const Difference = ({ asked }: { asked: Record<'first' | 'second' | 'days', string> }) => (
  <Asking<VersionDiff> path={`/api/diff${queryText(asked)}`} about={[]} what="the predictions of both">
    {(shown) => (
      <>
        <p role="status">
          {counted(shown.chips, 'chip')} of {counted(shown.files.both, 'file')} that both have classified (
          {counted(shown.files.firstOnly, 'file')} by the first alone, {shown.files.secondOnly} by the second).
        </p>
        {shown.numbers.length === 0 ? (
          <Nothing>
            There is nothing to compare. Let both classify the same files with <code>swath model diff --data</code> on a
            laptop, or look further back.
          </Nothing>
        ) : (
          <Told diff={shown} />
        )}
      </>
    )}
  </Asking>
);

function Told({ diff }: { diff: VersionDiff }) {
  const { numbers: known, names, counted: of, confusion, changes, refusals, changed } = diff;
  return (
    <>
      <Gate refusals={refusals} />
      <section class="card diff-numbers">
        <Facts facts={known.map(({ name, value, note }) => [outsideText(name), noted(outsideText(value), note)])} />
      </section>
      {names.length > 0 && <Shares names={names} n={of.n} of={of.of} />}
      {confusion !== null && confusion.names.length > 0 && <Confusion confusion={confusion} of={of.of} />}
      {confusion === null && changes.length > 0 && <Changes changes={changes} of={of.of} />}
      {changed.length > 0 && <h2>Chips that differ most</h2>}
      {changed.length > 0 && <ul class="chips diff-chips">{changed.map(toChanged)}</ul>}
    </>
  );
}

function Gate({ refusals }: Pick<VersionDiff, 'refusals'>) {
  if (refusals === null) return null;
  if (refusals.length === 0)
    return <p class="notice good">No gate rule forbids replacing the first version with the second.</p>;
  return (
    <div class="notice warn">
      <p>The gate refuses to replace the first version with the second:</p>
      <Sentences of={refusals} />
    </div>
  );
}

type Name = VersionDiff['names'][number];

/** Of many classes the ten largest, and the others together, which have no overlap of their own. */
function shownNames(names: Name[]): Name[] {
  const shown = largest(names, ({ first, second }) => Math.max(first, second));
  const { iou: _, ...others } = shown.at(-1)!;
  return shown.length === names.length ? shown : [...shown.slice(0, -1), others];
}

function Shares({ names, n, of }: { names: Name[]; n: number; of: string }) {
  const columns: Column<Name>[] = [
    { head: 'Class', cell: ({ name }) => outside(name) },
    numbers('First', ({ first }) => percent(first / n)),
    numbers('Second', ({ second }) => percent(second / n)),
    numbers('Change', ({ first, second }) => `${second < first ? '−' : '+'}${percent(Math.abs(second - first) / n)}`),
  ];
  if (names.some(({ iou }) => iou !== undefined)) columns.push(numbers('IoU', ({ iou }) => orNone(iou, precise)));
  const about = { label: 'Shares', look: 'diff-shares', caption: `Shares of the ${of}s by each version` };
  return (
    <>
      <h2>Shares of the {of}s</h2>
      <ScrolledTable {...about} columns={columns} rows={shownNames(names)} />
    </>
  );
}

function Changes({ changes, of }: Pick<VersionDiff, 'changes'> & { of: string }) {
  const columns: Column<(typeof changes)[number]>[] = [
    { head: 'First says', cell: ({ first }) => outside(first) },
    { head: 'Second says', cell: ({ second }) => outside(second) },
    numbers(`${of}s`, ({ count }) => count.toLocaleString('en')),
  ];
  return (
    <>
      <h2>What became what</h2>
      <ScrolledTable label="What became what" look="diff-shares" columns={columns} rows={changes} />
    </>
  );
}

const toChanged = ({ run, file, index, truth, first, second, image }: ChangedChip) => (
  <li key={`${run}/${index}`}>
    <figure class="chip">
      <Thumbnail src={image} text={`Chip: first ${outsideText(first.text)}, second ${outsideText(second.text)}`} />
      <figcaption>
        <Said which="first" said={first} />
        <Said which="second" said={second} />
        {truth !== null && <p>in truth {outsideText(truth)}</p>}
        <p class="origin small quiet">
          <RunLink run={{ run, file }} />
          <span>#{index}</span>
        </p>
      </figcaption>
    </figure>
  </li>
);

const Said = ({ which, said: { text, probability, isRight } }: { which: string; said: ChangedChip['first'] }) => (
  <p>
    <span class="small quiet">{which}</span>
    <br />
    <b>{outsideText(text)}</b> {probability !== null && percent(probability)}{' '}
    {isRight !== null && (
      <span class={isRight ? 'truth good' : 'truth bad'}>
        <Icon name={isRight ? 'good' : 'wrong'} />
        {isRight ? 'right' : 'wrong'}
      </span>
    )}
  </p>
);
