import { Confirmed } from '../parts/confirmed.tsx';
import { outside, outsideText } from '../parts/text.tsx';
import { hrefOf } from '../route.ts';

const DOING = 'Trying the model…';
type Promotion = { name: string; live: string | null; onDone: () => void };

/** Lets a version classify what comes, after a question; where its gate refuses it, after one more, and for a reason. */
export function Promote({ name, version, live, onDone }: Promotion & { version: string }) {
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
export function RollBack({ name, live, before, onDone }: Promotion & { live: string; before: string }) {
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

export const diffHref = (name: string, first: string, second: string): string =>
  hrefOf('diff', { query: { first: `${name}/${first}`, second: `${name}/${second}` } });
