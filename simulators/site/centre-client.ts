import { zAcceptanceAnswer, zMessageAnswer, type Acceptance } from "../../protocols/ceb/answers.ts";
import { parseJson } from "../../protocols/json-message.ts";

const answerMsMax = 10_000;
/** Kinds of refusal that are told of; beyond, they are only counted. */
const kindsMax = 100;

/** The centre's intake over HTTP. Both calls reject when it cannot be reached or answers oddly. */
export interface CentreClient {
  postXml(xml: string): Promise<void>;
  postAcceptance(acceptance: Acceptance): Promise<void>;
  /** Elements and acceptances that the centre would not take. */
  refusedTotal(): number;
}

/** `onRefused` hears of each kind of refusal once, in the centre's words. */
export function createCentreClient(
  centreUrl: string,
  onRefused: (reason: string) => void,
): CentreClient {
  const kindsTold = new Set<string>();
  let refusedTotal = 0;

  const refused = (reason: string | null): void => {
    refusedTotal += 1;
    const words = reason ?? "refused without a reason";
    const kind = words.replace(/\d+/g, "#");
    if (kindsTold.has(kind) || kindsTold.size >= kindsMax) return;
    kindsTold.add(kind);
    onRefused(words);
  };

  const post = async (path: string, body: string, contentType: string): Promise<unknown> => {
    const response = await fetch(new URL(path, centreUrl), {
      method: "POST",
      body,
      headers: { "content-type": contentType },
      signal: AbortSignal.timeout(answerMsMax),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text.slice(0, 200)}`);
    const parsed = parseJson(text);
    if (parsed.kind === "invalid") throw new Error(`${path}: ${parsed.why}`);
    return parsed.value;
  };

  return {
    async postXml(xml) {
      const answer = await post("/api/customs/messages", xml, "application/xml");
      for (const { accepted, reason } of zMessageAnswer.parse(answer).results) {
        if (!accepted) refused(reason);
      }
    },
    async postAcceptance(acceptance) {
      const body = JSON.stringify(acceptance);
      const answer = await post("/api/carrier/acceptances", body, "application/json");
      const { accepted, reason } = zAcceptanceAnswer.parse(answer);
      if (!accepted) refused(reason);
    },
    refusedTotal: () => refusedTotal,
  };
}

/** What went wrong, with the operating system's word behind `fetch failed`. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
