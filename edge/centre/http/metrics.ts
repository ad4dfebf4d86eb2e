import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { packmlStateNumbers } from "../../../protocols/sorting.ts";
import type { Centre } from "../centre.ts";
import type { RefusedMessages } from "../refused-messages.ts";

/**
 * `/metrics`: every counter of the centre under one name with `part` and `name` as labels, the
 * exits, the health of devices and their own counters, and the process itself. Read when asked.
 */
export function createCentreMetrics(
  centre: Centre,
  refused: Pick<RefusedMessages, "counters">,
  problemCounts: ReadonlyMap<string, number>,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { scene } = centre.site;

  addGauge(registry, {
    name: "sortline_centre_count",
    help: "Counters of the centre since its start, by part and name.",
    labelNames: ["part", "name"],
    read: () =>
      Object.entries({
        ...centre.counters(),
        refused: refused.counters(),
        http: Object.fromEntries(problemCounts),
      }).flatMap(([part, byName]) =>
        Object.entries(byName).map(([name, value]) => ({ labels: { part, name }, value })),
      ),
  });
  addGauge(registry, {
    name: "sortline_parcels_left",
    help: "Parcels that left each line, by exit.",
    labelNames: ["line", "exit"],
    read: () =>
      [...scene.lines].flatMap(([line, { view }]) =>
        Object.entries(view.exits).map(([exit, { count }]) => ({
          labels: { line, exit },
          value: count,
        })),
      ),
  });
  addGauge(registry, {
    name: "sortline_line_state",
    help: "State of each line as its agent last told it, by PackML's numbers (OPC 30050): 6 Execute, 11 Held, 5 Suspended, 9 Aborted, 2 Stopped.",
    labelNames: ["line"],
    read: () =>
      [...scene.lines].map(([line, { view }]) => ({
        labels: { line },
        value: packmlStateNumbers[view.state],
      })),
  });
  addGauge(registry, {
    name: "sortline_device_receiving",
    help: "1 while a device is heard in time, else 0.",
    labelNames: ["line", "device", "kind"],
    read: () =>
      [...scene.devices.values()].map(({ id, lineId, kind, health }) => ({
        labels: { line: lineId, device: id, kind },
        value: health === "receiving" ? 1 : 0,
      })),
  });
  addGauge(registry, {
    name: "sortline_device_count",
    help: "A device driver's own counters, as its agent last told them.",
    labelNames: ["device", "name"],
    read: () =>
      [...centre.deviceCounters()].flatMap(([device, byName]) =>
        Object.entries(byName).map(([name, value]) => ({ labels: { device, name }, value })),
      ),
  });
  addGauge(registry, {
    name: "sortline_centre_ready",
    help: "1 while the centre may be relied on.",
    labelNames: [],
    read: () => [{ labels: {}, value: centre.notReadyReasons().length === 0 ? 1 : 0 }],
  });
  return registry;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function addGauge(
  registry: Registry,
  gauge: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly string[];
    readonly read: () => readonly Sample[];
  },
): void {
  const { name, help } = gauge;
  registry.registerMetric(
    new Gauge({
      name,
      help,
      labelNames: [...gauge.labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of gauge.read()) this.set({ ...labels }, value);
      },
    }),
  );
}
