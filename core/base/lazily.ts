/** What a process makes once, and not before it is needed; with a promise, such as of a module that is loaded then, too. */
export function lazily<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
