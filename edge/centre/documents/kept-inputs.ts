import { z } from "zod";
import { person, type PersonRole } from "../../../protocols/actor.ts";
import { zManualControl, zOfficerAct, type OfficerAct } from "../../clearance/events.ts";

/**
 * Controls and acts as journals hold them. Those written before roles were known name only officer
 * and station: their actor is read in the role that the act is for.
 */
const zNamed = z.looseObject({ officer: z.string(), station: z.string() });

const roleOfAct: Readonly<Record<OfficerAct["act"], PersonRole>> = {
  secondActivation: "reviewer",
  inspectionResult: "inspector",
  monitorTransfer: "officer",
};

const withActor =
  (roleOf: (content: object) => PersonRole) =>
  (content: unknown): unknown => {
    const named = zNamed.safeParse(content);
    if (!named.success) return content;
    const { officer, station, ...rest } = named.data;
    return { ...rest, by: person(officer, roleOf(rest), station) };
  };

export const zKeptControl = z.preprocess(
  withActor(() => "risk"),
  zManualControl,
);

export const zKeptOfficerAct = z.preprocess(
  withActor((content) => {
    const act = "act" in content ? zActName.safeParse(content.act) : null;
    return act?.success === true ? roleOfAct[act.data] : "officer";
  }),
  zOfficerAct,
);

const zActName = z.enum(["secondActivation", "inspectionResult", "monitorTransfer"]);
