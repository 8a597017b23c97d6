import { render } from 'preact';
import { jsx as _jsx } from 'preact/jsx-runtime';
import { App } from './app.tsx';
import { listen } from './live.ts';
import { LiveContext } from './useAnswer.ts';

render(_jsx(LiveContext.Provider, { value: listen(), children: _jsx(App, {}) }), document.getElementById('app'));
