/**
 * Asks, and asks again whenever one of the topics has changed. One question at a time: what changes meanwhile makes one
 * more. An answer that says the same as the last one is not told again, so nothing is drawn anew for it.
 */
export function follow({ read, about, live, tell }) {
  const stopped = new AbortController();
  let isAsking = false;
  let isOutdated = false;
  let told;
  const again = async () => {
    isOutdated = true;
    if (isAsking) return;
    isAsking = true;
    while (isOutdated && !stopped.signal.aborted) {
      isOutdated = false;
      const answer = await read(stopped.signal).then(
        (text) => ({ text }),
        (error) => ({ problem: error instanceof Error ? error.message : String(error) }),
      );
      if (stopped.signal.aborted) return;
      const key = JSON.stringify(answer);
      if (key !== told) tell('text' in answer ? { data: JSON.parse(answer.text) } : answer);
      told = key;
    }
    isAsking = false;
  };
  const unsubscribe = live.onChange((what) => {
    if (what.some((topic) => about.includes(topic))) void again();
  });
  void again();
  return {
    again: () => void again(),
    stop: () => {
      unsubscribe();
      stopped.abort();
    },
  };
}
