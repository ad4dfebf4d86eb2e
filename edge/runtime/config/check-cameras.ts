import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";

/** A camera that waits for what never happens on its line would never take a still. */
export function checkCameras({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { layout } = line;
  const served = new Set([...layout.diverters.map(({ exit }) => exit), layout.end.exit]);
  return devices.cameras.flatMap(({ moments, exits = [] }, at) => [
    ...moments.flatMap((moment, index) => {
      const machine = machineOf[moment];
      if (machine === undefined || layout[machine.key] !== null) return [];
      const key = `devices.cameras.${at}.moments.${index}`;
      return [error(key, `${moment} is told of no parcel here: the line has no ${machine.name}`)];
    }),
    ...exits.flatMap((exit, index) =>
      served.has(exit)
        ? []
        : [error(`devices.cameras.${at}.exits.${index}`, `no way of this line leads to ${exit}`)],
    ),
  ]);
}

type Moment = AgentFile["lines"][number]["devices"]["cameras"][number]["moments"][number];
/** Without which the line never tells of a moment. */
const machineOf: Partial<
  Record<Moment, { readonly key: "scale" | "xray"; readonly name: string }>
> = {
  weighed: { key: "scale", name: "scale" },
  imaged: { key: "xray", name: "X-ray machine" },
};
