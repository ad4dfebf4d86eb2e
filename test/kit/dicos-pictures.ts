import {
  clearReport,
  dicomFile,
  digitalXray,
  digitalXrayClass,
  threatReportClass,
  withElements,
  type TestElement,
} from "./dicom-files.ts";

const heightPx = 4;

/** Of a box that begins at column 50, one shade of it, on a picture of one millimetre a pixel. */
export function boxPicture({
  track,
  lengthPx = 300,
  shade = 100,
  uid = "1.2.3.4",
  widthPx = 500,
}: {
  readonly track: number | string;
  readonly lengthPx?: number;
  readonly shade?: number;
  readonly uid?: string;
  readonly widthPx?: number;
}): Uint8Array {
  const pixels = Array.from({ length: widthPx * heightPx }, (_, at) => {
    const column = at % widthPx;
    return column >= 50 && column < 50 + lengthPx ? shade : 65_000;
  });
  const elements = withElements(digitalXray({ widthPx, heightPx, pixels }), {
    "0008,0018": ["0008,0018", "UI", uid],
    "0010,0020": ["0010,0020", "LO", String(track)],
  });
  return dicomFile({ sopClass: digitalXrayClass, elements });
}

/** A report on it; clear if nothing else is said. */
export function boxReport({
  track,
  decision = "CLEAR",
  onUid = "1.2.3.4",
}: {
  readonly track: number | string;
  readonly decision?: string;
  /** Of the picture that it is on; null: it names none. */
  readonly onUid?: string | null;
}): Uint8Array {
  const on: readonly TestElement[] =
    onUid === null ? [] : [["0008,1140", "SQ", [[["0008,1155", "UI", onUid]]]]];
  const elements = withElements(clearReport, {
    "0010,0020": ["0010,0020", "LO", String(track)],
    "4010,1031": ["4010,1031", "CS", decision],
    ...Object.fromEntries(on.map((each) => [each[0], each])),
  });
  return dicomFile({ sopClass: threatReportClass, elements });
}
