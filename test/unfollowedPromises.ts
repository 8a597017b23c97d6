import hooks from 'node:async_hooks';

/**
 * Has the test runner not follow each promise of a test: that takes a quarter of the processor time of whatever waits often.
 * `npm test` loads this before the runner. An error that nobody catches fails the file all the same, and says what it was;
 * run by itself, without this, the file says which test it came from.
 */
const { createHook } = hooks;

hooks.createHook = (callbacks) => createHook({ ...callbacks, trackPromises: false } as hooks.HookCallbacks);
