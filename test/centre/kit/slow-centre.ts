import { startCentre, type Centre } from "../../../edge/centre/centre.ts";
import { createDocumentDesk, type DeskOutcome } from "../../../edge/centre/documents/desk.ts";
import { createMemoryImages } from "../../../edge/images/memory-images.ts";
import { parseEntry, type JournalEntry } from "../../../edge/journal/entries.ts";
import type { JournalFailure } from "../../../edge/journal/journal.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { rowNameOf } from "../../../edge/store/tables.ts";
import { createMemoryLink } from "../../../edge/link/memory-link.ts";
import { person, sender } from "../../../protocols/actor.ts";
import { passIdOf } from "../../../protocols/pass-id.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import { beltCount } from "../../../protocols/units.ts";
import { createVirtualClock } from "../../../simulators/clock/virtual-clock.ts";
import { inVirtualTime } from "../../kit/virtual-wait.ts";
import { startAt } from "../../unit/clearance-kit.ts";
import { centreConfig } from "./config.ts";
import {
  claimAnswersIn,
  documentRules,
  documentsOf,
  openAgent,
  recordsIn,
  type TestAgent,
} from "./site.ts";
import { createVirtualCopies, type VirtualCopies } from "./virtual-centre.ts";

type LineId = "L1" | "L2";
const lineEpoch = "e1";
const planted: JournalFailure = { code: "diskError", why: "planted" };
const officer = person("li", "risk", "desk");

/** How the disk of the centre is: what each reading and each sync takes, and what it fails. */
export interface SlowDisk {
  readMs: number;
  syncMs: number;
  /** So many commits fail, one after the other. */
  failures: number;
  /** Rows that are not as they were written, each by its table and key. */
  isDamaged: (row: string) => boolean;
}

/** An input that was handed in, and what became of it; null while nobody knows. */
export interface HandedIn {
  outcome: DeskOutcome<unknown> | null;
}

/** The whole centre in virtual time, with two lines and a disk that does as it is told. */
export function slowCentre() {
  const clock = createVirtualClock({ wallStartAt: startAt });
  const link = createMemoryLink({ clock });
  const disk: SlowDisk = { readMs: 0, syncMs: 2, failures: 0, isDamaged: () => false };
  const newJournal = (): MemoryJournal =>
    new MemoryJournal({
      chain: "centre",
      clock,
      readMs: () => disk.readMs,
      syncMs: () => disk.syncMs,
      isDamaged: (row) => disk.isDamaged(rowNameOf(row)),
      failure: () => {
        if (disk.failures === 0) return null;
        disk.failures -= 1;
        return planted;
      },
    });
  let journal = newJournal();
  let copies: VirtualCopies = createVirtualCopies();
  let centre: Centre;

  const runFor = async (ms: number, stepMs = 10): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.runFor(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const runUntil = async (isSo: () => boolean, atMostMs = 20_000): Promise<void> => {
    const endAt = clock.monotonic() + atMostMs;
    while (!isSo() && clock.monotonic() < endAt) await runFor(1, 1);
  };

  const open = async (): Promise<Centre> => {
    centre = await inVirtualTime(
      clock,
      startCentre({
        config: centreConfig(),
        clock,
        entropy: { next: Math.random },
        createDesk: (hooks) => createDocumentDesk({ config: documentRules, clock, ...hooks }),
        link: link.centre,
        journal,
        copies,
        images: createMemoryImages({ imagesMax: 10, bytesMax: 1e6 }),
        signGeneration: null,
      }),
      1,
    );
    for (const id of ["agent-L1", "agent-L2"]) link.restore(id);
    return centre;
  };

  /** `isSyncThrough`: what was being synced got there. */
  const kill = (isSyncThrough: boolean): void => {
    void link.centre.close();
    const left = journal.killed({ isSyncThrough });
    void centre.stop();
    journal = left;
  };

  const handIn = (begin: (then: (outcome: DeskOutcome<unknown>) => void) => void): HandedIn => {
    const one: HandedIn = { outcome: null };
    begin((outcome) => {
      one.outcome = outcome;
    });
    return one;
  };
  const sendMessage = (xml: string): HandedIn => {
    const message = { bytes: new TextEncoder().encode(xml), by: sender("customs", "http") };
    return handIn((then) => centre.site.desk.takeCustomsMessage(message, then));
  };
  const sendAcceptances = (waybill: string): void => {
    for (const each of documentsOf([waybill]).acceptances) {
      handIn((then) => centre.site.desk.takeAcceptance(each, sender("carrier", "http"), then));
    }
  };
  const sendPapers = async (waybill: string): Promise<void> => {
    for (const xml of documentsOf([waybill]).xmls) {
      sendMessage(xml);
      await runFor(20);
    }
    sendAcceptances(waybill);
    await runFor(50);
  };
  const placeControl = (controlId: string, waybill: string): HandedIn => {
    const control = { controlId, waybill, reason: "tip", by: officer };
    return handIn((then) => centre.site.desk.placeControl(control, then));
  };

  /** One line with its agent, and a session that has begun. */
  const openLine = (lineId: LineId) => {
    const agent: TestAgent = openAgent(link, clock, lineId);
    const passOf = (number: number): string => passIdOf({ lineId, epoch: lineEpoch, number });
    return {
      agent,
      passOf,
      begin: () =>
        agent.tell(lineId, 1, {
          kind: "sessionOpened",
          epoch: lineEpoch,
          configHash: "0".repeat(64),
          logicVersion: "1",
        }),
      induct: (number: number): string => {
        const passId = passOf(number);
        agent.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
        return passId;
      },
      claim: (number: number, waybill: string) =>
        agent.session.claim(lineId, passOf(number), waybill),
      tellGranted: (number: number, waybill: string) =>
        agent.tell(lineId, 1, {
          kind: "claimAnswered",
          passId: passOf(number),
          waybill,
          granted: true,
          why: null,
        }),
      tellGreen: (number: number, waybill: string) =>
        agent.tell(lineId, 2, {
          kind: "decided",
          passId: passOf(number),
          exit: "green",
          reasons: [],
          waybill,
          recordVersion: 1,
          imageHash: null,
          rulesVersion: "t1",
        }),
      tellLeft: (number: number, exit: Exit) =>
        agent.tell(lineId, 3, {
          kind: "left",
          passId: passOf(number),
          exit,
          expected: exit,
          count: beltCount(3),
        }),
      answers: () => claimAnswersIn(agent.down),
      /** What it was leased with each heartbeat. */
      leases: () =>
        agent.down.flatMap((each) =>
          each.kind === "clearance" && each.message.kind === "heartbeat"
            ? [each.message.leaseMs]
            : [],
        ),
      standings: (from = 0) =>
        agent.down
          .slice(from)
          .flatMap(recordsIn)
          .map(({ standing }) => standing),
    };
  };

  return {
    clock,
    link,
    disk,
    runFor,
    runUntil,
    open,
    kill,
    sendMessage,
    sendAcceptances,
    sendPapers,
    placeControl,
    openLine,
    journal: () => journal,
    /** What the journal holds now. */
    backup: () => journal.readAfter(0, 1_000_000),
    /** While no centre runs: yesterday's records, and no copies. */
    putBack: (records: Awaited<ReturnType<MemoryJournal["readAfter"]>>): void => {
      journal = newJournal();
      journal.append(
        records.map(({ body }) => entryOf(body)),
        () => {},
      );
      copies = createVirtualCopies();
      clock.runFor(10);
    },
    /** Both lines with their sessions begun, once leases of before could be over. */
    openLines: async () => {
      const lines = [openLine("L1"), openLine("L2")] as const;
      await runFor(500);
      for (const line of lines) line.begin();
      await runFor(4_000);
      return lines;
    },
  };
}

function entryOf(body: string): JournalEntry {
  const read = parseEntry(body);
  if (read.kind === "unreadable") throw new Error(read.why);
  return read.entry as JournalEntry;
}

/** So many waybills that nobody has papers of. */
export const unknownWaybills = (total: number): readonly string[] =>
  Array.from({ length: total }, (_, index) => `99${String(index + 1).padStart(9, "0")}`);
