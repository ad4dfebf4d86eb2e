import type { LinkAgentEnd, LinkCentreEnd } from "../../edge/link/port.ts";
import { notConnected } from "../../protocols/transport.ts";

/** Of one run of a program. When it is over the run reaches nobody any more, whatever it still does. */
export interface Life {
  isOver: boolean;
}

/** Of a dead program's work nothing is done, and nothing comes back. */
export const whileAlive =
  <Args extends unknown[], Answer>(
    work: (...args: Args) => Promise<Answer>,
    life: Life,
  ): ((...args: Args) => Promise<Answer>) =>
  (...args) =>
    life.isOver ? new Promise(() => {}) : work(...args);

const closed = Promise.resolve();

export const whileAliveAtCentre = (end: LinkCentreEnd, life: Life): LinkCentreEnd => ({
  ...end,
  start: (handlers) => {
    if (!life.isOver) end.start(handlers);
  },
  send: (agentId, message) => (life.isOver ? notConnected : end.send(agentId, message)),
  close: () => (life.isOver ? closed : end.close()),
});

export const whileAliveAtAgent = (end: LinkAgentEnd, life: Life): LinkAgentEnd => ({
  ...end,
  send: (message) => (life.isOver ? notConnected : end.send(message)),
  sendImage: (...image) => (life.isOver ? notConnected : end.sendImage(...image)),
  close: () => (life.isOver ? closed : end.close()),
});
