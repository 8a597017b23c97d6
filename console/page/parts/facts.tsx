import { type ComponentChildren, Fragment } from 'preact';

/** Names and what they stand for; what is false is left out. */
export function Facts({ facts }: { facts: (false | [name: ComponentChildren, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(
        (fact, i) =>
          fact && (
            <Fragment key={i}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}
