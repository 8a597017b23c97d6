import { percent } from '../../../core/percent.ts';
import type { ModelVersions } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Badge } from '../parts/badges.tsx';
import { Facts } from '../parts/facts.tsx';
import { Outside } from '../parts/text.tsx';
import { useAnswer } from '../useAnswer.ts';
import { Card } from './card.tsx';

/** The versions of the model, the live one first. */
export function ModelsPage() {
  const models = useAnswer<ModelVersions>('/api/models', ['runs', 'metrics']);
  return (
    <>
      <h1 tabIndex={-1}>Models</h1>
      <Answered answer={models} what="the models">
        {({ name, versions }) => (
          <>
            <p class="lead">
              The versions of <Outside text={name} /> in the model bucket. A version never changes; which one is live
              does.
            </p>
            {versions.length === 0 && (
              <Nothing>There is no version yet. The README tells how to publish and promote one.</Nothing>
            )}
            {[...versions]
              .sort((a, b) => Number(b.isLive) - Number(a.isLive))
              .map((version) => (
                <Version key={version.version} version={version} />
              ))}
          </>
        )}
      </Answered>
    </>
  );
}

function Version({ version: shown }: { version: ModelVersions['versions'][number] }) {
  const { version, isLive, shadowShare, title, card, task, classes, bands, problem } = shown;
  return (
    <article class="card model-version">
      <h2>
        <Outside text={version} /> {isLive ? <Badge icon="good" tone="good" word="live" /> : <Badge word="not live" />}
        {shadowShare !== null && <Badge icon="twin" word={`shadow of ${percent(shadowShare)} of the files`} />}
      </h2>
      {title !== '' && (
        <p>
          <Outside text={title} />
        </p>
      )}
      {problem !== null && (
        <p class="notice bad">
          It cannot run: <Outside text={problem} />
        </p>
      )}
      <Facts
        facts={[
          task !== null && ['Task', task],
          (task === null || classes.length > 0) && ['Classes', <Names key="classes" names={classes} />],
          ['Bands', <Names key="bands" names={bands} />],
        ]}
      />
      {card === null ? (
        <Nothing>It has no model card.</Nothing>
      ) : (
        <details open={isLive}>
          <summary>Model card</summary>
          <Card blocks={card} />
        </details>
      )}
    </article>
  );
}

function Names({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <span class="quiet">not known</span>;
  return (
    <ul class="names">
      {names.map((name) => (
        <li key={name}>{outsideText(name)}</li>
      ))}
    </ul>
  );
}
