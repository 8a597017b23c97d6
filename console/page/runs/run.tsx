import { bytes, count, duration, NONE, orNone } from '../../../charts/format.ts';
import { type StepTime, stepsChart, stepTimes } from '../../../charts/steps.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { percent } from '../../../core/base/text/numbers.ts';
import { acquiredText } from '../../../core/base/time/acquiredText.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import { ofThem } from '../../../core/measures/blanks/mask.ts';
import { rasterText } from '../../../core/scenes/raster/rasterText.ts';
import { refusedText, warningsText } from '../../../core/scenes/refusedText.ts';
import type { Run } from '../../api.ts';
import { KnownAccuracy } from '../drift/accuracy.tsx';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing, noted, outside, useAnswer, useRepeat, useStatus, when } from '../parts/answered.tsx';
import { Badge, StateBadge, VerdictBadge } from '../parts/badges.tsx';
import { ChartFigure } from '../parts/chart.tsx';
import { Confirmed } from '../parts/confirmed.tsx';
import { Facts } from '../parts/table.tsx';
import { BandsFigure, DriftNumbers, SharesFigure } from '../parts/windowFigures.tsx';
import { hrefOf } from '../route.ts';
import { SceneFigure } from '../scene/scene.tsx';
import { Progress } from './progress.tsx';

export function RunPage({ run }: { run: string }) {
  const answer = useAnswer<Run>(`/api/runs/${encodeURIComponent(run)}`, ['runs']);
  useRepeat(answer.again, (answer.data?.summary.progress ?? null) !== null);
  return (
    <>
      <p class="crumbs small">
        <a href={hrefOf('runs')}>Runs</a>
      </p>
      <h1 tabIndex={-1}>{outside(answer.data?.summary.file ?? `Run ${run}`)}</h1>
      <Answered answer={answer} what="the run">
        {(shown) => <Story shown={shown} again={answer.again} />}
      </Answered>
    </>
  );
}

function Story({ shown, again }: { shown: Run; again: () => void }) {
  const threshold = useStatus()?.threshold ?? null;
  const { summary, row, numbers, accuracy, canRetry, files } = shown;
  const missing = numbers?.missingShare ?? 0;
  return (
    <>
      <div class="run-head">
        <span role="status">
          <StateBadge state={row.state} />
        </span>
        <VerdictBadge verdict={summary.verdict} />
        {row.shadow === true && <Badge icon="twin" word="a shadow's: it counts nowhere" />}
        {canRetry && (
          <Confirmed
            title="Retry this file?"
            act="Retry"
            doing="Starting…"
            path={`/api/runs/${encodeURIComponent(row.run)}/retry`}
            onDone={again}
          >
            <p>
              {outside(summary.file)} is read again from its beginning, as attempt {summary.attempt + 1}.
            </p>
          </Confirmed>
        )}
        {row.state === 'DONE' && (
          <a class="button" href={hrefOf('chips', { query: { run: row.run } })}>
            Its chips
          </a>
        )}
      </div>
      <Trouble run={shown} />
      {row.warnings !== undefined && <p class="notice warn">{outside(warningsText(row))}</p>}
      <Violations run={shown} />
      <Progress run={summary} />
      <h2 class="visually-hidden">What is known of it</h2>
      <div class="grid pairs">
        {row.state === 'DONE' && row.raster !== undefined && <SceneFigure run={row.run} />}
        {numbers !== null && numbers.n > 0 && (
          <SharesFigure
            title={`${capitalised(numbers.words.one)} shares`}
            meaning="Predictions for this file, compared with the reference for drift."
            numbers={numbers}
          />
        )}
        {row.drift && <DriftNumbers drift={row.drift} threshold={threshold} />}
        <section class="panel card">
          <h3>The file and its run</h3>
          <Facts
            facts={[
              ['Run', <code key="run">{row.run}</code>],
              ['Model', outside(`${row.model.name} ${row.model.version}`)],
              shown.shadows.length > 0 && [
                'Shadows',
                shown.shadows.map(({ run, version, state }) => (
                  <span key={run}>
                    <a href={hrefOf('runs', { id: run })}>{outside(version)}</a> {state}{' '}
                  </span>
                )),
              ],
              ['Door', doorOf(row.scene)],
              ['Size', orNone(row.size, bytes)],
              ['Chips', orNone(row.chips, (chips) => `${count(chips)}, ${ofThem(row)}`)],
              missing > 0 && [
                'Missing',
                noted(percent(missing), 'of those classified: no finite output where there is data'),
              ],
              row.refused !== undefined && ['Refused', outside(refusedText(row.refused))],
              row.raster !== undefined && ['Raster', rasterText(row.raster)],
              ['Acquired', row.acquired === undefined ? NONE : outside(acquiredText(row.acquired))],
              ['Attempts', `${row.attempt} of ${row.attemptLimit}`],
              ['Claimed', when(row.claimedAt)],
              ['In this state since', when(row.changed)],
              ['Day', row.day ?? NONE],
              ['SHA-256', row.digest === undefined ? NONE : <code>{row.digest}</code>],
              ['Execution', <code key="execution">{outside(row.execution)}</code>],
            ]}
          />
        </section>
        <div class="stack">
          <Times times={stepTimes(row)} />
          <Files files={files} />
        </div>
      </div>
      {accuracy !== null && (
        <section class="accuracies" aria-labelledby="accuracy">
          <h2 id="accuracy">Accuracy, where truth is known</h2>
          <KnownAccuracy of={accuracy} />
        </section>
      )}
      {numbers?.bands && <BandsFigure title="Source bands of this file" bands={numbers.bands} />}
    </>
  );
}

function Trouble({ run: { row, nextSteps } }: { run: Run }) {
  const { error, duplicateOf, state } = row;
  if (state === 'DUPLICATE' && duplicateOf !== undefined)
    return (
      <p class="notice">
        The same bytes count once, as run <a href={hrefOf('runs', { id: duplicateOf })}>{outside(duplicateOf)}</a>.
      </p>
    );
  if (error === undefined) return null;
  const isOver = state !== 'FAILED' && state !== 'INVALID';
  return (
    <div class={`notice ${isOver ? '' : state === 'INVALID' ? 'warn' : 'bad'}`}>
      <p>
        <b>
          {isOver && 'An earlier attempt: '}
          {outside(error.name)}
        </b>{' '}
        in step {outsideText(error.step)}, attempt {error.attempt}, {when(error.at)}
      </p>
      <p>{outside(error.message)}</p>
      {nextSteps !== null && (
        <p>
          <b>What to do:</b> {nextSteps}
        </p>
      )}
    </div>
  );
}

const Violations = ({ run: { violations } }: { run: Run }) =>
  violations.length === 0 ? null : (
    <div class="notice warn">
      <p>
        <b>Data quality:</b> look at the file before its predictions are used.
      </p>
      <ul>
        {violations.map(({ band, violation, text }) => (
          <li key={`${band} ${violation}`}>
            {outside(band)}, {violation}: {text}.
          </li>
        ))}
      </ul>
    </div>
  );

const Files = ({ files }: Pick<Run, 'files'>) =>
  files.length === 0 ? null : (
    <section class="panel card">
      <h3>Results to download</h3>
      <Facts
        facts={files.map(({ title, name, href }) => [
          title,
          <a key={href} href={href} download={name} class="outside">
            {outsideText(name)}
          </a>,
        ])}
      />
      {files.some(({ name }) => name.endsWith('.tif')) && (
        <p class="small quiet">
          In one folder they find each other: the map the names of its classes, and the STAC Item its maps.
        </p>
      )}
    </section>
  );

function Times({ times }: { times: StepTime[] }) {
  const title = 'Times of its steps';
  if (times.length === 0)
    return (
      <section class="panel card">
        <h3>{title}</h3>
        <Nothing>No step has ended yet. A bar for each step appears as it ends.</Nothing>
      </section>
    );
  return (
    <ChartFigure
      title={title}
      data={times}
      draw={stepsChart}
      meaning={`From the claim to the end: ${duration(times.reduce((sum, { milliseconds }) => sum + milliseconds, 0))}.`}
      head={['Step', 'Time']}
      rows={() => times.map(({ step, milliseconds }) => [step, duration(milliseconds)])}
    />
  );
}
