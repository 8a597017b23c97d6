import type { ComponentChildren } from 'preact';
import type { Answer } from '../follow.ts';
import { outsideText } from '../outsideText.ts';

/**
 * What was asked for, or in words why it is not there: not yet, or not at all. Where asking again has failed, what was
 * there stays, and the failure stands above it.
 */
export function Answered<T>({
  answer: { data, problem, isOld, again },
  what,
  children,
}: {
  answer: Answer<T> & { again: () => void };
  /** As in "Reading {what}…". */
  what: string;
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {problem !== null && (
        <div class="notice bad" role="alert">
          <p>
            Reading {what} has failed: {outsideText(problem)}
          </p>
          <button type="button" onClick={again}>
            Ask again
          </button>
        </div>
      )}
      {data === null ? (
        problem === null && (
          <p class="waiting quiet" role="status">
            Reading {what}…
          </p>
        )
      ) : (
        <div class={isOld ? 'old' : undefined} aria-busy={isOld}>
          {children(data)}
        </div>
      )}
    </>
  );
}

/** That there is nothing, and what would make something appear. */
export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="quiet">{children}</p>;
}
