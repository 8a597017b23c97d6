import { render } from 'preact';
import { App } from './app.tsx';
import { listen } from './live.ts';
import { LiveContext } from './useAnswer.ts';

const place = document.getElementById('app') ?? document.body.appendChild(document.createElement('div'));

render(
  <LiveContext.Provider value={listen()}>
    <App />
  </LiveContext.Provider>,
  place,
);
