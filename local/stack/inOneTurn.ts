/** Hands on the messages of one turn of the event loop together: of many small ones, most time goes into sending each. */
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
