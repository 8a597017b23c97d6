/**
 * Gathers the messages of one turn of the event loop and sends them together: with many small messages to another process, most of
 * the time goes into sending and receiving each.
 */
export function inOneTurn<One>(handOn: (all: One[]) => void): (one: One) => void {
  let said: One[] = [];
  return (one) => {
    said.push(one);
    if (said.length > 1) return;
    setImmediate(() => {
      const all = said;
      said = [];
      handOn(all);
    });
  };
}
