import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { KeyObject } from "node:crypto";
import { openAnchorFile, type AnchorFile } from "../journal/anchor-file.ts";
import { loadOrCreateSigningKey } from "../journal/anchor-key.ts";
import { signAnchor } from "../journal/anchor.ts";
import type { JournalCopies } from "../journal/journal-copies.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";

/**
 * The centre signs the end of every chain it holds, now and then, into a file outside the agents'
 * reach: a tail that is cut later no longer fits its anchor (DESIGN law 14).
 */
export interface AnchorKeeper {
  stop(): Promise<void>;
}

export interface AnchorKeeperOptions {
  readonly settings: { readonly file: string; readonly keyFile: string; readonly everyS: number };
  readonly copies: Pick<JournalCopies, "held" | "chains">;
  readonly clock: Clock;
  readonly onFailure: (why: string) => void;
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
  const { copies, clock, settings } = options;
  let timer: Timer | null = null;

  const signAll = async (): Promise<void> => {
    for (const chain of copies.chains()) {
      const tail = copies.held(chain);
      if (tail.seq === 0 || tail.seq === anchors.latest(chain)?.seq) continue;
      const why = await anchors.append(signAnchor(tail, clock.wall(), key));
      if (why !== null) options.onFailure(why);
    }
  };
  const arm = (): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + settings.everyS * 1_000), () => {
      arm();
      void signAll();
    });
  };
  arm();

  return {
    stop: async () => {
      timer?.cancel();
      await signAll();
      await anchors.close();
    },
  };
}
