import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { KeyObject } from "node:crypto";
import { openAnchorFile, type AnchorFile } from "./anchor-file.ts";
import { loadOrCreateSigningKey } from "./anchor-key.ts";
import { signAnchor, type AnchoredTail } from "./anchor.ts";
import { signGeneration, type GenerationContent } from "./generation-word.ts";
import type { GenerationBegun, SignedEnd } from "../../../protocols/generation.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";

/**
 * The centre signs the end of every chain it holds and of its own, now and then, into a file outside
 * the agents' reach: a tail that is cut later no longer fits its anchor (law 14).
 */
export interface AnchorKeeper {
  /** Signs a person's word and writes it beside the anchors; null where that failed. */
  readonly signGeneration: (content: GenerationContent) => Promise<GenerationBegun | null>;
  /** Of each journal the last end that an earlier run has signed. */
  readonly signedEnds: readonly SignedEnd[];
  stop(): Promise<void>;
}

export interface AnchorKeeperOptions {
  readonly settings: { readonly file: string; readonly keyFile: string; readonly everyS: number };
  /** Where each chain ends now: all that is durable, and no more. */
  readonly tails: () => readonly AnchoredTail[];
  readonly clock: Clock;
  readonly onFailure: (why: string) => void;
  /** What was due is written. */
  readonly onWritten: () => void;
}

export async function startAnchorKeeper(
  options: AnchorKeeperOptions,
): Promise<({ readonly kind: "running" } & AnchorKeeper) | { kind: "refused"; why: string }> {
  const { settings } = options;
  await mkdir(dirname(settings.file), { recursive: true });
  await mkdir(dirname(settings.keyFile), { recursive: true });
  const loaded = loadOrCreateSigningKey(settings.keyFile);
  if (loaded.kind === "refused") return loaded;
  const opened = await openAnchorFile(settings.file);
  if (opened.kind === "refused") return opened;
  return { kind: "running", ...keep(options, opened.anchorFile, loaded.key) };
}

function keep(options: AnchorKeeperOptions, anchors: AnchorFile, key: KeyObject): AnchorKeeper {
  const { tails, clock, settings } = options;
  let timer: Timer | null = null;
  /** One after the other: two at once would sign the same end twice. */
  let signing = Promise.resolve();
  let isSigning = false;

  const signNow = async (): Promise<void> => {
    const whys: (string | null)[] = [];
    for (const tail of tails()) {
      if (tail.seq === 0 || tail.seq === anchors.latest(tail)?.seq) continue;
      whys.push(await anchors.append(signAnchor(tail, clock.wall(), key)));
    }
    const why = whys.find((each) => each !== null) ?? null;
    if (why !== null) options.onFailure(why);
    else if (whys.length > 0) options.onWritten();
  };
  const signAll = (): Promise<void> => {
    isSigning = true;
    const end = (): void => void (isSigning = false);
    return (signing = signing.then(signNow).then(end));
  };
  const arm = (): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + settings.everyS * 1_000), () => {
      arm();
      // A file on another machine may just not answer.
      if (isSigning) options.onFailure(`anchors ${settings.file}: it does not answer`);
      else void signAll();
    });
  };
  arm();

  return {
    signGeneration: async (content) => {
      const begun = signGeneration(content, key);
      const why = await anchors.appendGeneration(begun);
      if (why !== null) options.onFailure(why);
      else options.onWritten();
      return why === null ? begun : null;
    },
    signedEnds: anchors.found.map(({ chain, seq, hash, isOwn = false }) => ({
      chain,
      seq,
      hash,
      isOwn,
    })),
    stop: async () => {
      timer?.cancel();
      await signAll();
      await anchors.close();
    },
  };
}
