import { generateKeyPairSync } from "node:crypto";
import { startCentre, type Centre } from "../../../edge/centre/centre.ts";
import { zCentreConfig } from "../../../edge/centre/config.ts";
import { createDocumentDesk, type DocumentDesk } from "../../../edge/centre/documents/desk.ts";
import { createMemoryImages } from "../../../edge/images/memory-images.ts";
import { signGeneration } from "../../../edge/journal/anchors/generation-word.ts";
import { breakBetween, emptyTail, type ChainTail } from "../../../edge/journal/chain.ts";
import type { JournalCopies } from "../../../edge/journal/copies.ts";
import type { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import type { MemoryLink } from "../../../edge/link/memory-link.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { VirtualClock } from "../../../simulators/clock/virtual-clock.ts";
import { centreConfig } from "./config.ts";
import { documentRules } from "./site.ts";
import { inVirtualTime } from "../../kit/virtual-wait.ts";

const { privateKey } = generateKeyPairSync("ed25519");
/** Leases are over soon, so that what waits for their end is seen. */
export const virtualLeaseMs = 2_000;
const config = zCentreConfig.parse({
  ...centreConfig(),
  clearance: { leaseMs: virtualLeaseMs },
});

export interface VirtualCopies extends Pick<
  JournalCopies,
  "take" | "held" | "chains" | "readAfter"
> {
  /** As they are now, for good. */
  backup(): ReadonlyMap<string, readonly JournalRecord[]>;
}

/** Copies that look at hashes as those on disk do; of a backup, where one is given. */
export function createVirtualCopies(
  of: ReadonlyMap<string, readonly JournalRecord[]> = new Map(),
): VirtualCopies {
  const chains = new Map(of);
  const held = (chain: string): ChainTail => {
    const last = chains.get(chain)?.at(-1);
    return last === undefined ? emptyTail(chain) : { chain, seq: last.seq, hash: last.hash };
  };
  return {
    held,
    backup: () => new Map(chains),
    chains: () => [...chains.keys()],
    readAfter: async (chain, afterSeq, max) =>
      (chains.get(chain) ?? []).slice(afterSeq, afterSeq + max),
    take: async (records) => {
      let [added, repeated] = [0, 0];
      for (const record of records) {
        const { chain, seq } = record;
        const own = chains.get(chain) ?? [];
        const found = breakBetween(held(chain), record);
        const counts = { heldSeq: own.length, added, repeated };
        if (found === "gap") return { kind: "refused", code: "gap", seq, why: "gap", ...counts };
        if (found === "repeated" && own[seq - 1]?.hash === record.hash) repeated += 1;
        else if (found !== null)
          return { kind: "refused", code: "fork", seq, why: found, ...counts };
        else {
          chains.set(chain, [...own, record]);
          added += 1;
        }
      }
      const heldSeq = held(records[0]?.chain ?? "").seq;
      return { kind: "taken", heldSeq, added, repeated };
    },
  };
}

export interface VirtualStores {
  readonly clock: VirtualClock;
  readonly link: MemoryLink;
  readonly own: MemoryJournal;
  readonly copies: VirtualCopies;
}

/** The whole centre in virtual time. It knows every waybill: what the papers say is not asked here. */
export const openVirtualCentre = ({ clock, link, own, copies }: VirtualStores): Promise<Centre> =>
  inVirtualTime(
    clock,
    startCentre({
      config,
      clock,
      entropy: { next: Math.random },
      createDesk: (hooks) => {
        const desk = createDocumentDesk({ config: documentRules, clock, ...hooks });
        const lookAt = desk.look.bind(desk);
        const known = { record: null, pieces: 1 };
        const look: DocumentDesk["look"] = (waybill, then) =>
          lookAt(waybill, (view) => then(view && { ...view, manifest: view.manifest ?? known }));
        return Object.assign(desk, { look });
      },
      link: link.centre,
      journal: own,
      copies,
      images: createMemoryImages({ imagesMax: 10, bytesMax: 1e6 }),
      signGeneration: (content) => Promise.resolve(signGeneration(content, privateKey)),
    }),
    1,
  );

/** Its last act waits for its journal, which waits for the clock. */
export const stopVirtualCentre = (centre: Centre, clock: VirtualClock): Promise<void> =>
  inVirtualTime(clock, centre.stop(), 10);
