import type { JSX } from "preact";
import type { HealthState } from "../../../protocols/sorting.ts";
import { CalmSymbol, PrioritySymbol } from "../shell/symbols.tsx";

export function HealthSymbol({ health }: { readonly health: HealthState }): JSX.Element {
  switch (health) {
    case "receiving":
      return <CalmSymbol />;
    case "stale":
      return <PrioritySymbol priority={3} />;
    case "down":
      return <PrioritySymbol priority={2} />;
  }
}
