import { Socket } from 'node:net';

/** Preloaded into a process that must do without a network. */
Socket.prototype.connect = () => {
  throw new Error('This must work without a network.');
};
