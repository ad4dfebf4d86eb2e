import { decodeSorterCommand, salvageCommandId } from "../../../protocols/sorter/sorter-json.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { SorterAnswer, SorterModel } from "./sorter-model.ts";

/** The controller's side of a wire. Events are dropped while nobody can hear them. */
export interface SorterWire {
  publish(event: SorterEvent): void;
  /** `handler` gets each command as it came, good or not, and answers at once. */
  onCommand(handler: (payload: Uint8Array) => SorterAnswer): void;
}

/** Lets a controller's commands come from a wire; its `event` output goes there by itself. */
export function attachToWire(model: SorterModel, wire: SorterWire): void {
  wire.onCommand((payload) => {
    const decoded = decodeSorterCommand(payload);
    return decoded.kind === "ok"
      ? model.command(decoded.value)
      : model.unreadableCommand(salvageCommandId(payload));
  });
}
