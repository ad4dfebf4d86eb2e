import { deviceReason } from "../../../protocols/device-reasons.ts";
import {
  createScaleDialectSpotter,
  scaleDialectNames,
  type ScaleDialectKind,
} from "../../../protocols/scale/recognise.ts";
import type { Dialect, DialectOutlet } from "../dialect.ts";
import type { ScaleHeard } from "./heard.ts";

/**
 * A dialect that says by name which other one a scale really speaks, instead of that it cannot read
 * it: the frames of scales are alike enough to be mixed up, and different enough to be told apart.
 */
export function nameOtherDialect<Said>(
  own: ScaleDialectKind | null,
  dialect: Dialect<Uint8Array, Uint8Array, ScaleHeard, Said>,
): Dialect<Uint8Array, Uint8Array, ScaleHeard, Said> {
  const spotter = createScaleDialectSpotter(own);

  const named = (heard: ScaleHeard): ScaleHeard => {
    if (heard.kind !== "discarded") {
      spotter.forget();
      return heard;
    }
    const other = spotter.other();
    if (other === null) return heard;
    return { ...heard, reason: deviceReason("otherDialect", { detail: scaleDialectNames[other] }) };
  };
  const naming = (out: DialectOutlet<ScaleHeard, Uint8Array>) => ({
    ...out,
    tell: (heard: ScaleHeard) => out.tell(named(heard)),
  });

  return {
    ...dialect,
    read(chunk, at, out) {
      spotter.push(chunk);
      dialect.read(chunk, at, naming(out));
    },
    wake: (at, out) => dialect.wake?.(at, naming(out)),
    lose: (out) => dialect.lose?.(naming(out)),
  };
}
