/**
 * Goal: of all words that a machine may use for what it decides or is doing, one clears a parcel.
 * Method: every word and number of a screening system's decisions and states, in each dialect that
 * carries a word, beside the one that is right there.
 */
import { describe, expect, it, test } from "vitest";
import { xrayMessageHeard } from "../../edge/devices/xray/sortline-json.ts";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import { decodeXrayTelegram, encodeXrayTelegram } from "../../protocols/xray/telegrams.ts";
import { createTelegramParser } from "../../protocols/xray/telegram-frame.ts";
import { clearReport, dicomFile, threatReportClass, withElements } from "../kit/dicom-files.ts";
import { approvedTelegrams } from "../kit/xray-telegrams.ts";

const decisions = [
  "PENDING",
  "NO",
  "CLEAR",
  "SUSPECT",
  "UNKNOWN_BMTT",
  "UNKNOWN_GOVT",
  "ERROR",
  "IQ_TEST_OK",
  "IQ_TEST_FAIL",
  "VIEWED",
];
const states = [
  "NEW",
  "ACQUIRING",
  "RECONSTRUCTING",
  "ACQUIRED",
  "RECONSTRUCTED",
  "INSPECTING",
  "INSPECTED",
  "TRI_INSPECTING",
  "TRI_INSPECTED",
  "PTRI_VIEWING",
  "DONE",
  "CTX_FAULT",
  "RECON_ERROR",
  "INSP_ERROR",
  "TRI_ERROR",
  "TIMED_OUT",
];
const reasons = ["ALARM", "UNKNOWN", "SUCCESS", "ABORT", "NO_ALARM", "NO_THREAT", ""];
const others = [...decisions, ...states, ...reasons].filter((word) => word !== "CLEAR");
/** None of them is the word. */
const nearly = ["CLEARED", "clear", "Clear", "CLEAR\\CLEAR", "NOT CLEAR", "UNCLEAR"];

describe("PR6.3-3: a DICOS report", () => {
  const patientId = 0x0010_0020;
  const verdictOf = (word: string, tag: "4010,1031" | "4010,1024" = "4010,1031") => {
    const elements = withElements(clearReport, { [tag]: [tag, "CS", word] });
    const file = readDicosFile(dicomFile({ sopClass: threatReportClass, elements }), patientId);
    return file.kind === "report" ? file.verdict : file.kind;
  };

  it("that says CLEAR is clear", () => {
    expect(verdictOf("CLEAR")).toBe("clear");
  });

  it.each([...others, ...nearly])("that says %j is not", (word) => {
    expect(verdictOf(word)).toBe(word === "ALARM" ? "suspect" : "unknown");
  });

  it.each(others.filter((word) => word !== "SUCCESS"))("that ended with %j is not", (word) => {
    expect(verdictOf(word, "4010,1024")).toBe("unknown");
  });
});

describe("PR6.3-3: a verdict as JSON, over MQTT or within an OPC UA event", () => {
  const heard = (verdict: unknown) => {
    const message = {
      passId: "pass-1",
      itemSequence: 1,
      imageHash: "ab".repeat(32),
      verdict,
      boxes: [],
      algorithm: "lab 1.0",
    };
    const said = xrayMessageHeard({
      topic: "verdict",
      payload: new TextEncoder().encode(JSON.stringify(message)),
    });
    return said.kind === "verdict" ? said.verdict : said.kind;
  };

  it("that says clear is clear", () => {
    expect(heard("clear")).toBe("clear");
  });

  const words = [...others, ...nearly, "CLEAR"];
  const spelt = [...words, ...words.map((word) => word.toLowerCase())];
  it.each([...spelt.filter((word) => word !== "clear"), 2, true, null, ["clear"]])(
    "that says %j is none that clears",
    (word) => {
      expect(["suspect", "unknown", "discarded"]).toContain(heard(word));
    },
  );
});

test("PR6.3-3: of all numbers a telegram may bear one is clear", () => {
  const verdict = approvedTelegrams.find(([name]) => name === "VERDICT")![1];
  const [word] = createTelegramParser().push(encodeXrayTelegram(verdict, 1));
  if (word?.kind !== "telegram") throw new Error("no telegram");
  const decided = Array.from({ length: 256 }, (_, number) => {
    const body = Uint8Array.from(word.body);
    body[8] = number;
    const read = decodeXrayTelegram({ type: word.type, body });
    return read.kind === "ok" && read.telegram.kind === "verdict" ? read.telegram.decision : null;
  });
  expect(decided.flatMap((decision, number) => (decision === "clear" ? [number] : []))).toEqual([
    2,
  ]);
  expect(decided.slice(7).filter((decision) => decision !== null)).toEqual([]);
});
