import { compareDecimals } from "./decimal.ts";
import type { CebElement } from "./messages.ts";
import { refuse, type CebRefusal } from "./refusals.ts";

/** Heaviest parcel of the line, in kilograms. */
const grossWeightKgMax = "1000";

function checkNumbering(
  list: readonly { readonly gnum: number }[],
  path: string,
): CebRefusal | null {
  const wrong = list.findIndex((row, index) => row.gnum !== index + 1);
  if (wrong < 0) return null;
  const words = `is ${list[wrong]?.gnum ?? 0}; numbers run from 1 without a gap`;
  return refuse("outOfRange", `${path}[${wrong + 1}].gnum`, words);
}

const checkGross = (kg: string, path: string): CebRefusal | null =>
  compareDecimals(kg, grossWeightKgMax) > 0
    ? refuse("outOfRange", path, `is ${kg} kg, over ${grossWeightKgMax}`)
    : null;

/** What several fields of one element say together, which the XSD cannot. */
export function checkWhole(element: CebElement, path: string): CebRefusal | null {
  switch (element.type) {
    case "CEB303":
      return checkNumbering(element.list, `${path}.OrderList`);
    case "CEB505":
      return checkGross(element.head.grossWeight, `${path}.grossWeight`);
    case "CEB603": {
      const { head, list } = element;
      const headPath = `${path}.InventoryHead`;
      const numbering = checkNumbering(list, `${path}.InventoryList`);
      if (numbering !== null) return numbering;
      if (compareDecimals(head.netWeight, head.grossWeight) > 0) {
        return refuse("outOfRange", `${headPath}.netWeight`, "is above the gross weight");
      }
      return checkGross(head.grossWeight, `${headPath}.grossWeight`);
    }
    case "CEB304":
    case "CEB403":
    case "CEB404":
    case "CEB506":
    case "CEB604":
      return null;
  }
}
