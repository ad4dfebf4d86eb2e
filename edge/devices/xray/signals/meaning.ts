/**
 * What the signals of an X-ray machine mean, wherever they are: a map without its addresses. The
 * controller's side of it, and each rule, is on the page of `edge/devices/xray`.
 */
export interface SignalMeaning {
  /** What names the controller's session, where it has a word for it. */
  readonly boot?: object | undefined;
  readonly machine: { readonly fault: Flag; readonly emergencyStop: Flag };
  readonly entry: { readonly times: Times; readonly length: { readonly scale: number } };
  readonly verdict: { readonly times: Times };
  readonly announce: { readonly track: Times };
}

interface Flag {
  readonly isActiveLow: boolean;
}

interface Times {
  readonly bits: 16 | 32;
}
