import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak } from "../dialect.ts";
import { createPresetDialect } from "../preset-frames.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import { meaningOfFrame } from "./frame-meaning.ts";
import type { ScannerHeard } from "./heard.ts";
import { createNumberedDialect } from "./numbered-commands.ts";

/** Frames as a vendor's preset has them, over a link of bytes. */
export const framesCarriers = (format: ScannerFormat): Carriers<ScannerHeard, ProofCommand> => ({
  bytes: (link, clock) => {
    const { dmccCommands } = format;
    const dialect =
      dmccCommands === null
        ? createPresetDialect(format, meaningOfFrame)
        : createNumberedDialect(format, dmccCommands);
    return speak(dialect, createByteWire(link), clock);
  },
});
