import { healthyAnnunciator, type SimulatedAnnunciator } from "../devices/annunciator/light.ts";

const faultOf = { silent: "isSilent", stuck: "isStuck" } as const;

/** What may be typed: its key, its power, and its faults. */
export const annunciatorWords = ["press", "release", "restart", "silent", "stuck", "well"] as const;

/** False for a word that means nothing to it. */
export function takeTypedWord(device: SimulatedAnnunciator, line: string): boolean {
  const word = annunciatorWords.find((each) => each === line.trim());
  switch (word) {
    case undefined:
      return false;
    case "press":
    case "release":
      device.setKey(word === "press");
      break;
    case "restart":
      device.restart();
      break;
    case "silent":
    case "stuck":
      device.setFaults({ [faultOf[word]]: true });
      break;
    case "well":
      device.setFaults(healthyAnnunciator);
  }
  return true;
}
