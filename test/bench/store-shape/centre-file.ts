import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { centreText } from "../../../simulators/lab/agent-files.ts";
import { readAgentFile } from "../../../edge/runtime/config/read-agent-file.ts";
import type { ClearanceConfig } from "../../../edge/clearance/config.ts";
import { Bug } from "../../../protocols/bug.ts";

const zText = z.looseObject({
  centre: z.looseObject({
    documents: z.looseObject({ parameters: z.array(z.looseObject({})) }),
  }),
});

/** Nothing that a centre holds ends while it is measured, and none of it is too much. */
const roomy = {
  documentsMax: 20_000_000,
  documentWaitMs: 86_400_000,
  storedWaitMs: 86_400_000,
  retention: {},
} as const;

/** The configuration file of a centre in this folder: the lab's, with room for any number of documents, and nothing drawn by lot. */
export async function writeCentreFile(folder: string, brokerUrl: string): Promise<string> {
  const plan = {
    site: "bench",
    dataDir: folder,
    pageDir: null,
    httpPort: 0,
    brokerUrl,
    opcuaUrl: "opc.tcp://127.0.0.1:1",
    wiresDir: folder,
    lineIds: ["L1"],
    speed: 1,
  };
  const text = zText.parse(centreText(plan, Date.now()));
  const { documents } = text.centre;
  const parameters = documents.parameters.map((each) => ({ ...each, inspectionRate: 0 }));
  const centre = { ...text.centre, documents: { ...documents, ...roomy, parameters } };
  const file = join(folder, "centre.json");
  await writeFile(file, JSON.stringify({ ...text, centre }));
  return file;
}

export interface CentreSettings {
  readonly dataDir: string;
  /** Also the name of its journal's chain. */
  readonly agentId: string;
  readonly documents: ClearanceConfig;
}

/** As the program reads them. */
export function centreSettings(file: string): CentreSettings {
  const read = readAgentFile(file);
  if (read.kind === "refused") throw new Bug(read.sentences.join("; "));
  const { dataDir, agentId, centre } = read.file;
  if (centre === null) throw new Bug(`${file}: no centre`);
  return { dataDir, agentId, documents: centre.documents };
}
