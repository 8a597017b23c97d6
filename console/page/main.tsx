import { render } from 'preact';
import { App } from './app.tsx';
import { listen } from './live.ts';
import { LiveContext } from './parts/answered.tsx';

render(
  <LiveContext.Provider value={listen()}>
    <App />
  </LiveContext.Provider>,
  document.getElementById('app')!,
);
