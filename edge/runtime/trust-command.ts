import { resolve } from "node:path";

/**
 * What a person types in this program's folder to trust the OPC UA server of a device. Whole, because
 * it is read off a screen at another place than the one where the agent was started.
 */
export const trustCommand = (configPath: string, deviceId: string): string =>
  `npm run trust -- --config ${quoted(resolve(configPath))} --device ${quoted(deviceId)}`;

/** As a shell takes it for one word. */
const quoted = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
