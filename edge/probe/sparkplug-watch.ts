import {
  readSparkplug,
  sparkplugTopicHead,
  sparkplugTypeName,
  sparkplugValue,
  type SparkplugMetric,
  type SparkplugRaw,
} from "../../protocols/sparkplug.ts";
import { hexText } from "../devices/hex-text.ts";

/** More of one message is left out, and said so. */
const metricsShownMax = 20;
const bytesShownMax = 24;
const charsShownMax = 120;
/** So many names are remembered of births; a gateway has fewer. */
const aliasesMax = 10_000;
const topicsMax = 200;

interface Born {
  readonly name: string;
  readonly datatype: number | null;
}

/**
 * What gateways publish as Sparkplug B, for people. Births bear names and datatypes, and what follows
 * often the alias alone, so that births are remembered; a metric that nobody has seen born is shown by
 * its alias, and a number of it as it stands on the wire.
 */
export class SparkplugWatch {
  readonly #topics = new Set<string>();
  readonly #born = new Map<string, Born>();

  /** A line for each metric of a message; none where the topic is no Sparkplug B's. */
  take(topic: string, payload: Uint8Array): readonly string[] {
    if (!topic.startsWith(sparkplugTopicHead)) return [];
    if (this.#topics.size < topicsMax) this.#topics.add(topic);
    const [, group = "", verb = "", node = ""] = topic.split("/");
    // A host's own word is JSON.
    if (group === "STATE") return [];
    const read = readSparkplug(payload);
    if (read.kind === "invalid") return [`~ ${topic} ${read.why}`];
    const scope = `${group}/${node}`;
    if (verb === "NBIRTH") this.#forget(scope);
    const lines = read.metrics.map((metric) => this.#metricText(scope, metric));
    const more = lines.length - metricsShownMax;
    return [
      `~ ${topic}${read.seq === null ? "" : ` seq ${read.seq}`}`,
      ...lines.slice(0, metricsShownMax).map((line) => `~   ${line}`),
      ...(more > 0 ? [`~   and ${more} more`] : []),
    ];
  }

  topics(): readonly string[] {
    return [...this.#topics];
  }

  /** An alias is one of its node, devices included. */
  #metricText(scope: string, metric: SparkplugMetric): string {
    const { alias } = metric;
    const key = alias === null ? null : `${scope} ${alias}`;
    const born = key === null ? undefined : this.#born.get(key);
    const name = metric.name ?? born?.name ?? null;
    const datatype = metric.datatype ?? born?.datatype ?? null;
    if (key !== null && metric.name !== null && this.#born.size < aliasesMax) {
      this.#born.set(key, { name: metric.name, datatype });
    }
    const called = name === null ? `alias ${alias ?? "none"}` : JSON.stringify(cut(name));
    const type = datatype === null ? "" : ` ${sparkplugTypeName(datatype)}`;
    return `${called}${type} = ${metric.value === null ? "null" : valueText(metric.value, datatype)}`;
  }

  #forget(scope: string): void {
    for (const key of this.#born.keys()) if (key.startsWith(`${scope} `)) this.#born.delete(key);
  }
}

const cut = (text: string): string =>
  text.length > charsShownMax ? `${text.slice(0, charsShownMax)}...` : text;

function valueText(raw: SparkplugRaw, datatype: number | null): string {
  const value = sparkplugValue(raw, datatype);
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (value instanceof Uint8Array) {
    const rest = value.length > bytesShownMax ? ` and ${value.length - bytesShownMax} more` : "";
    return `${hexText(value.subarray(0, bytesShownMax))}${rest}`;
  }
  if (typeof value !== "object") return String(value);
  return "epochMs" in value
    ? new Date(value.epochMs).toISOString()
    : `(${value.bytesTotal} bytes that are not looked into)`;
}
