import type { CustomsStatus, ErrorClass } from "../../ceb/status-table.ts";
import type { TradeMode } from "../../ceb/tables/manifest.ts";

/**
 * Customs' own code lists, the part that small export parcels meet. A code without a row is shown
 * as it is. China's customs parameter tables: currencies and countries in the old three digits.
 */
export const currency = {
  "110": "HKD",
  "116": "JPY",
  "142": "CNY",
  "300": "EUR",
  "303": "GBP",
  "501": "CAD",
  "502": "USD",
  "601": "AUD",
} as const;

export const country = {
  "110": "Hong Kong, China",
  "116": "Japan",
  "121": "Macao, China",
  "122": "Malaysia",
  "129": "Philippines",
  "132": "Singapore",
  "133": "Korea",
  "136": "Thailand",
  "138": "United Arab Emirates",
  "141": "Viet Nam",
  "142": "China",
  "143": "Taiwan, China",
  "301": "Belgium",
  "303": "United Kingdom",
  "304": "Germany",
  "305": "France",
  "307": "Italy",
  "309": "Netherlands",
  "312": "Spain",
  "327": "Poland",
  "330": "Sweden",
  "331": "Switzerland",
  "344": "Russia",
  "410": "Brazil",
  "429": "Mexico",
  "501": "Canada",
  "502": "United States",
  "601": "Australia",
  "609": "New Zealand",
} as const;

export const unit = {
  "001": "sets",
  "006": "sets",
  "007": "pcs",
  "008": "pcs",
  "011": "pcs",
  "012": "pcs",
  "025": "pairs",
  "035": "kg",
  "036": "g",
} as const;

/** Under which customs procedure the goods leave. */
export const tradeMode = {
  "9610": "E-commerce retail",
  "1210": "Bonded e-commerce",
  "1239": "Bonded e-commerce A",
  "9710": "E-commerce B2B",
  "9810": "Overseas warehouse",
} as const satisfies Readonly<Record<TradeMode, string>>;

/** Which document an error of one transmission is about. */
export const errorAbout = {
  order: "an order",
  receipt: "a receipt of money",
  waybill: "a waybill",
  manifest: "a manifest",
  cancel: "a cancellation",
  return: "a return",
  entryDetail: "an entry detail",
  enterprise: "an enterprise",
  other: "something else",
} as const satisfies Readonly<Record<ErrorClass, string>>;

/** `returnStatus` of a receipt: how far customs is with a manifest. */
export const customsStatus = {
  "1": "Stored at e-port",
  "2": "Being filed",
  "3": "Sent to customs",
  "4": "Sending failed",
  "100": "Returned",
  "120": "Accepted",
  "300": "Manual review",
  "399": "Review completed",
  "500": "Inspection ordered",
  "501": "Detained: clearance",
  "502": "Detained: anti-smuggling",
  "503": "Detained: legal affairs",
  "505": "Transferred",
  "599": "Otherwise detained",
  "600": "Suspended",
  "700": "Cargo returned",
  "800": "Released",
  "899": "Closed",
} as const satisfies Readonly<Record<CustomsStatus, string>>;
