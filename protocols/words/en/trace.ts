/** What the trace of a device says, on the page and at a terminal (`protocols/trace.ts`). */
export const trace = {
  title: "On the wire of {device}",
  why: "Shows what goes over this device's wire, both ways, and what is made of it, for {minutes} minutes. That you have looked is written down; what you see is not kept.",
  whoFirst: "Whoever looks is written down: say first who you are.",
  sayWho: "Say who you are",
  begin: "Look for {minutes} min",
  runs: "runs for another {time}",
  over: "has ended",
  pause: "Pause",
  resume: "Go on",
  copy: "Copy",
  copied: "Copied",
  notCopied: "The browser does not let this page copy.",
  clear: "Clear",
  empty: "Nothing has gone over the wire yet.",
  leftOut: "{total} left out: too much for what is kept or sent",
  silent: "The line's controller has not answered for {seconds} s.",
  unreachable: "The centre does not answer.",
  notUnderstood: "The answer is not the centre's.",
  retained: "kept by the broker",
  wholeLength: "{total} in all",
  connected: "connected",
  notConnected: "not connected",
} as const;

/** Which way something went. */
export const traceWay = {
  in: "from it",
  out: "to it",
  heard: "understood",
  dropped: "not taken",
  said: "told to say",
  state: "wire",
  found: "found",
} as const;

/** Why the centre shows none. */
export const traceProblem = {
  badField: "what was asked cannot be read[ ({field})]",
  notAllowed: "this is not for everybody to see",
  unknownDevice: "no line has this device",
  agentSilent: "the line's controller is not heard",
  tooManyTraces: "as many devices are looked at as may be at once: wait until one ends",
  notJournalled: "that you look could not be written down: try again",
} as const;
