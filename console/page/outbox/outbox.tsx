import { counted } from '../../../charts/format.ts';
import type { Outbox } from '../../api.ts';
import { Asking, Nothing, outside, outsideLines, useStatus, when } from '../parts/answered.tsx';
import { hrefOf, type Route } from '../route.ts';

export function OutboxPage({ route }: { route: Route }) {
  const isThere = useStatus()?.outbox;
  return (
    <>
      <h1 tabIndex={-1}>Outbox</h1>
      {isThere === false ? (
        <Nothing>On this stage e-mails are really sent, so there are none here.</Nothing>
      ) : (
        <Emails chosen={route.id} />
      )}
    </>
  );
}

function Emails({ chosen }: { chosen: string | null }) {
  return (
    <Asking<Outbox> path="/api/outbox" about={['alarms']} what="the outbox">
      {({ emails }) => {
        const shown = emails.find(({ id }) => id === chosen) ?? emails[0];
        if (shown === undefined)
          return (
            <Nothing>
              No e-mail yet. An alarm that turns red writes one, and most write another when it is over.
            </Nothing>
          );
        return (
          <>
            <p class="lead">
              {counted(emails.length, 'e-mail')}, the newest first. On this machine they are not sent but lie in the
              data folder's outbox.
            </p>
            <div class="outbox">
              <nav class="emails" aria-label="E-mails">
                <ul>
                  {emails.map(({ id, subject, time }) => (
                    <li key={id}>
                      <a href={hrefOf('outbox', { id })} aria-current={id === shown.id ? 'true' : undefined}>
                        {outside(subject)}
                        {when(time)}
                      </a>
                    </li>
                  ))}
                </ul>
              </nav>
              <article class="card email">
                <h2>{outside(shown.subject)}</h2>
                <p class="small quiet">
                  To {outside(shown.to)}, {when(shown.time)}
                </p>
                <pre>{outsideLines(inParagraphs(shown.text))}</pre>
              </article>
            </div>
          </>
        );
      }}
    </Asking>
  );
}

/** Joins the lines into which an e-mail breaks its paragraphs, because a page breaks them by its own width. */
const inParagraphs = (text: string): string => text.replaceAll(/(?<=^\S.{48,})\r?\n(?=[^\s-])/gm, ' ');
