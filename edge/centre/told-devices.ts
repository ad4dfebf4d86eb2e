/**
 * Whether the agents' lines have the devices that the centre's file says. The page shows none of a device
 * that the file has not, and one that no agent has stays down on it: whoever looks has to be told why.
 */
export interface ToldDevices {
  /** All devices of a line, as its agent's health names them. */
  take(lineId: string, deviceIds: readonly string[]): void;
  /** A sentence for each line that has others, until its agent tells of the same ones. */
  warnings(): readonly string[];
}

interface LineDevices {
  readonly id: string;
  readonly devices: readonly { readonly id: string }[];
}

export function createToldDevices(lines: readonly LineDevices[]): ToldDevices {
  const configured = new Map(lines.map(({ id, devices }) => [id, devices.map((each) => each.id)]));
  const warnings = new Map<string, string>();
  return {
    take: (lineId, deviceIds) => {
      const here = configured.get(lineId);
      if (here === undefined) return;
      const only = (ids: readonly string[], others: readonly string[], whose: string): string[] => {
        const some = ids.filter((id) => !others.includes(id));
        return some.length === 0 ? [] : [`only ${whose} has ${some.join(", ")}`];
      };
      const differences = [
        ...only(deviceIds, here, "the agent"),
        ...only(here, deviceIds, "the centre's file"),
      ];
      if (differences.length === 0) warnings.delete(lineId);
      else warnings.set(lineId, `line ${lineId}, devices: ${differences.join("; ")}`);
    },
    warnings: () => [...warnings.values()],
  };
}
