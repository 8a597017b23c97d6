import { setImmediate } from 'node:timers/promises';

/** Hands on what comes within one turn of the event loop together: of many small ones, most time goes into sending each. */
export function inOneTurn<One>(handOn: (all: One[]) => unknown): (one: One) => Promise<unknown> {
  const said: One[] = [];
  let handedOn: Promise<unknown> = Promise.resolve();
  return (one) => {
    if (said.push(one) === 1) handedOn = setImmediate().then(() => handOn(said.splice(0)));
    return handedOn;
  };
}
