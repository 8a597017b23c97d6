import { bytes, count, counted, figureText } from '../../../charts/format.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { fewNames } from '../../../core/base/text/largest.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import type { ModelVersion, ModelVersions } from '../../api.ts';
import { Answered, Nothing, outside, outsideText, Sentences, useAnswer, when } from '../parts/answered.tsx';
import { Badge } from '../parts/badges.tsx';
import { Confirmed } from '../parts/confirmed.tsx';
import { NameChoice } from '../parts/controls.tsx';
import { type Column, Facts, ScrolledTable } from '../parts/table.tsx';
import { changeQuery, hrefOf, queryText, type Route } from '../route.ts';
import { Card } from './card.tsx';

export function ModelsPage({ route }: { route: Route }) {
  const { name: asked = '' } = route.query;
  const models = useAnswer<ModelVersions>(`/api/models${queryText({ name: asked })}`, ['runs', 'metrics']);
  return (
    <>
      <h1 tabIndex={-1}>Models</h1>
      <Answered answer={models} what="the models">
        {(shown) => (
          <>
            <p class="lead">
              The versions of {outside(shown.name)} in the model bucket. A version never changes; which one is live
              does.
            </p>
            {shown.names.length > 1 && (
              <search class="filters">
                <NameChoice
                  label="Model"
                  value={shown.name}
                  known={shown.names}
                  onChoose={(name) => changeQuery(route, { name })}
                />
              </search>
            )}
            <Live shown={shown} onDone={models.again} />
            {shown.versions.length === 0 && (
              <Nothing>There is no version yet. The README explains how to publish and promote one.</Nothing>
            )}
            {shown.versions
              .toSorted((a, b) => Number(b.isLive) - Number(a.isLive))
              .map((version) => (
                <Version key={version.version} version={version} of={shown} onDone={models.again} />
              ))}
            {shown.isMore && <p class="small quiet">Only the newest runs of all models are counted.</p>}
            {shown.history.length > 0 && <h2>Promotions</h2>}
            {shown.history.length > 0 && (
              <ScrolledTable
                label="Promotions"
                look="promotions"
                caption="Promotions, the latest first"
                columns={PROMOTIONS}
                rows={shown.history}
              />
            )}
          </>
        )}
      </Answered>
    </>
  );
}

const liveOf = ({ versions }: ModelVersions): string | null => versions.find(({ isLive }) => isLive)?.version ?? null;

function Live({ shown, onDone }: { shown: ModelVersions; onDone: () => void }) {
  const { name, served, promotedAt, before } = shown;
  const live = liveOf(shown);
  if (served === null) return <p class="notice warn">This model is not live here: it classifies no new files.</p>;
  return (
    <div class="live-version">
      <Facts
        facts={[
          ['Takes', served.accepts.join() === '*' ? 'every file' : outside(served.accepts.join(', '))],
          served.since !== null && ['Served since', when(served.since)],
          promotedAt !== null && ['Live version since', when(promotedAt)],
        ]}
      />
      {live !== null && before !== null && <RollBack name={name} live={live} before={before} onDone={onDone} />}
    </div>
  );
}

function Version({ version: shown, of, onDone }: { version: ModelVersion; of: ModelVersions; onDone: () => void }) {
  const { version, isLive, shadowShare, title, card, problem } = shown;
  const live = liveOf(of);
  return (
    <article class="card model-version">
      <h2>
        {outside(version)} {isLive ? <Badge icon="good" tone="good" word="live" /> : <Badge word="not live" />}
        {shadowShare !== null && <Badge icon="twin" word={`shadow of ${percent(shadowShare)} of the files`} />}
      </h2>
      {title !== '' && <p>{outside(title)}</p>}
      {problem !== null && <p class="notice bad">It cannot run: {outside(problem)}</p>}
      <Facts facts={factsOf(shown, of)} />
      {!isLive && problem === null && (
        <div class="actions">
          {live !== null && (
            <a class="button" href={diffHref(of.name, live, version)}>
              Compare with {outsideText(live)}
            </a>
          )}
          {of.served !== null && <Promote name={of.name} version={version} live={live} onDone={onDone} />}
        </div>
      )}
      {card === null ? (
        <Nothing>It has no model card.</Nothing>
      ) : (
        <details open={isLive}>
          <summary>Model card</summary>
          <Card text={card} />
        </details>
      )}
    </article>
  );
}

type FactList = Parameters<typeof Facts>[0]['facts'];

function factsOf(version: ModelVersion, { isMore }: ModelVersions): FactList {
  const { publishedAt, bytes: size, runs, predictions, lastRun, rightness, figures, task, classes, bands } = version;
  return [
    publishedAt !== null && ['Published', when(publishedAt)],
    size !== null && ['Size', bytes(size)],
    ['Runs', runs > 0 ? `${count(runs)}, ${counted(predictions, 'prediction')}` : isMore ? 'none lately' : 'none yet'],
    lastRun !== null && ['Last run', when(lastRun)],
    rightness !== null && ['Right', outsideText(rightness.sentence)],
    ...figures.map(({ name, note, ...figure }): FactList[number] => [
      capitalised(name),
      `${figureText(figure)}${note === undefined ? '' : `, ${note}`}`,
    ]),
    task !== null && ['Task', task],
    (task === null || classes.length > 0) && ['Classes', <Names key="classes" names={classes} />],
    ['Bands', <Names key="bands" names={bands} />],
  ];
}

function Names({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <span class="quiet">not known</span>;
  return (
    <ul class="names">
      {fewNames(names).map((name) => (
        <li key={name}>{outsideText(name)}</li>
      ))}
    </ul>
  );
}

type Entry = ModelVersions['history'][number];

const PROMOTIONS: Column<Entry>[] = [
  { head: 'At', cell: ({ at }) => at && when(at) },
  { head: 'What', cell: (record) => <Kind record={record} /> },
  { head: 'Version', cell: ({ version }) => outside(version) },
  { head: 'In the place of', cell: ({ before }) => before && outside(before) },
  { head: 'By', cell: ({ by }) => by && outside(by) },
  {
    head: 'Because',
    cell: ({ reason, refusals = [] }) => (
      <>
        {reason !== null && outsideText(reason)}
        {refusals.length > 0 && (
          <details>
            <summary>What the gate said</summary>
            <Sentences of={refusals} />
          </details>
        )}
      </>
    ),
  },
];

function Kind({ record }: { record: Entry }) {
  if ('isRefused' in record) return <Badge icon="wrong" tone="bare bad" word="refused" />;
  if (record.isRollback) return <Badge tone="bare quiet" word="rolled back" />;
  if (record.refusals !== undefined) return <Badge icon="unsure" tone="bare warn" word="promoted anyway" />;
  return <Badge icon="good" tone="bare good" word="promoted" />;
}

const DOING = 'Trying the model…';
type Promotion = { name: string; live: string | null; onDone: () => void };

/** Lets a version classify what comes, after a question; where its gate refuses it, after one more, and for a reason. */
function Promote({ name, version, live, onDone }: Promotion & { version: string }) {
  const path = `/api/models/${encodeURIComponent(name)}/${encodeURIComponent(version)}/promote`;
  const title = `Promote ${outsideText(version)}?`;
  return (
    <Confirmed title={title} act="Promote" doing={DOING} path={path} onDone={onDone} isPromotion>
      <p>
        {outside(version)} of {outside(name)} classifies what comes from then on
        {live === null ? (
          '.'
        ) : (
          <>
            , in the place of {outside(live)}. <a href={diffHref(name, live, version)}>How do they differ?</a>
          </>
        )}
      </p>
    </Confirmed>
  );
}

/** Promotes the version again that was promoted before, after a question. */
function RollBack({ name, live, before, onDone }: Promotion & { live: string; before: string }) {
  const path = `/api/models/${encodeURIComponent(name)}/rollback`;
  const how = { title: `Back to ${outsideText(before)}?`, path, body: { seen: { from: live, to: before } }, onDone };
  return (
    <Confirmed act="Roll back" doing={DOING} {...how} isPromotion>
      <p>
        {outside(before)} will classify new files again, and {outside(live)} no more. Runs that are under way come to
        their end as they began.
      </p>
    </Confirmed>
  );
}

const diffHref = (name: string, first: string, second: string): string =>
  hrefOf('diff', { query: { first: `${name}/${first}`, second: `${name}/${second}` } });
