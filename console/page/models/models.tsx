import type { ModelVersions } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Answered, Nothing } from '../parts/answered.tsx';
import { Icon } from '../parts/icon.tsx';
import { Outside } from '../parts/outside.tsx';
import { useAnswer } from '../useAnswer.ts';
import { Card } from './card.tsx';

/** The versions of the model, the live one first. */
export function ModelsPage() {
  const [models, again] = useAnswer<ModelVersions>('/api/models', ['runs', 'metrics']);
  return (
    <>
      <h1 tabIndex={-1}>Models</h1>
      <Answered answer={models} what="the models" again={again}>
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

function Version({
  version: { version, isLive, title, card, classes, bands, problem },
}: {
  version: ModelVersions['versions'][number];
}) {
  return (
    <article class="card model-version">
      <h2>
        <Outside text={version} />{' '}
        {isLive ? (
          <span class="badge good">
            <Icon name="good" />
            live
          </span>
        ) : (
          <span class="badge quiet">not live</span>
        )}
      </h2>
      {title !== '' && (
        <p>
          <Outside text={title} />
        </p>
      )}
      {problem !== null && (
        <div class="notice bad">
          <p>
            It cannot run: <Outside text={problem} />
          </p>
        </div>
      )}
      <dl class="facts">
        <div>
          <dt>Classes</dt>
          <dd>
            <Names names={classes} />
          </dd>
        </div>
        <div>
          <dt>Bands</dt>
          <dd>
            <Names names={bands} />
          </dd>
        </div>
      </dl>
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
