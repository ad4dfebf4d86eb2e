import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { DeviceView, LineView } from "../../../protocols/ui/scene.ts";
import { deviceReasonLabel } from "../../../protocols/words/device-reason.ts";
import { live, voice } from "../shell/site.ts";
import { timeText } from "../shell/time-text.ts";
import { DeviceDialog } from "./device-dialog.tsx";
import { HealthSymbol } from "./health-symbol.tsx";
import type { MimicLayout } from "./mimic-layout.ts";

const kindOrder: readonly DeviceView["kind"][] = [
  "scanner",
  "scale",
  "xray",
  "sorter",
  "annunciator",
  "camera",
];

/** A row of devices in belt order, each tied to its place on the belt by a line (H7). */
export function DeviceTiles(props: {
  readonly line: LineView;
  readonly layout: MimicLayout;
}): JSX.Element {
  const { line, layout } = props;
  const opened = useSignal<string | null>(null);
  const devices = live.scene.device
    .all()
    .filter(({ lineId }) => lineId === line.id)
    .sort((a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind));
  const rightPx = (layout.branches[0]?.chuteLeftPx ?? layout.widthPx) - tileGapPx * 2;
  const widthPx = Math.max(0, rightPx - layout.beltLeftPx);
  if (devices.length === 0) {
    return <p class="tiles-empty muted">{voice.value.say("ui", "devicesNone")}</p>;
  }
  const shown = devices.find(({ id }) => id === opened.value);
  const tiles = placeTiles(devices, { fromPx: layout.beltLeftPx, widthPx });
  return (
    <>
      <Leaders tiles={tiles} layout={layout} />
      <ul class="tiles" aria-label={voice.value.say("ui", "devices")}>
        {tiles.map((tile) => (
          <DeviceTile
            key={tile.device.id}
            tile={tile}
            onOpen={() => (opened.value = tile.device.id)}
          />
        ))}
      </ul>
      {shown !== undefined && <DeviceDialog device={shown} onClose={() => (opened.value = null)} />}
    </>
  );
}

interface Tile {
  readonly device: DeviceView;
  readonly leftPx: number;
  readonly widthPx: number;
}

/** A device in trouble has more to say, so its tile is wider. */
const troubledShare = 1.9;

function placeTiles(
  devices: readonly DeviceView[],
  room: { readonly fromPx: number; readonly widthPx: number },
): readonly Tile[] {
  const shareOf = ({ health }: DeviceView): number => (health === "receiving" ? 1 : troubledShare);
  const shares = devices.reduce((sum, device) => sum + shareOf(device), 0);
  const sharePx = (room.widthPx - tileGapPx * (devices.length - 1)) / shares;
  let leftPx = room.fromPx;
  return devices.map((device) => {
    const tile = { device, leftPx, widthPx: Math.max(0, shareOf(device) * sharePx) };
    leftPx += tile.widthPx + tileGapPx;
    return tile;
  });
}

const tileGapPx = 12;
/** Between the heights at which two leaders turn. */
const leaderStepPx = 7;

/** From each place on the belt down to its tile. Farther ones turn higher up, so that none cross. */
function Leaders(props: {
  readonly tiles: readonly Tile[];
  readonly layout: MimicLayout;
}): JSX.Element {
  const { tiles, layout } = props;
  const leaderHeightPx = layout.stripBottomPx - layout.beltBottomPx;
  const paths = tiles.flatMap(({ device, leftPx, widthPx }, index) => {
    const place = layout.beltPlaces.find(({ kind }) => kind === device.kind);
    if (place === undefined) return [];
    const fromX = (place.leftPx + place.rightPx) / 2;
    const toX = Math.min(Math.max(fromX, leftPx + 20), leftPx + widthPx - 20);
    const turnY = leaderHeightPx - 7 - index * leaderStepPx;
    return [`M${fromX} 0 V${turnY} H${toX} V${leaderHeightPx}`];
  });
  return (
    <svg
      class="leaders"
      width={layout.widthPx}
      height={leaderHeightPx}
      style={{ top: `${-leaderHeightPx}px` }}
      aria-hidden="true"
    >
      {paths.map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}

function DeviceTile(props: { readonly tile: Tile; readonly onOpen: () => void }): JSX.Element {
  const { device, leftPx, widthPx } = props.tile;
  return (
    <li
      class={`tile tile-${device.health}`}
      style={{ left: `${leftPx}px`, width: `${widthPx}px` }}
      data-device={device.id}
      data-health={device.health}
      data-kind-of={device.kind}
    >
      <button type="button" class="tile-body" onClick={props.onOpen} data-action="device">
        <TileWords device={device} />
      </button>
    </li>
  );
}

/** Spans only: they stand in a button. */
function TileWords({ device }: { readonly device: DeviceView }): JSX.Element {
  const { say } = voice.value;
  return (
    <>
      <HealthSymbol health={device.health} />
      <span class="tile-head">
        <span class="tile-name">
          <strong>{say("device", device.kind)}</strong> <small>{device.id}</small>
        </span>
        <span class="tile-state">
          <strong>{say("health", device.health)}</strong>{" "}
          <time>{say("ui", "healthSince", { time: timeText(device.since) })}</time>
        </span>
      </span>
      {device.reason !== null && (
        <span class="tile-why">{deviceReasonLabel(device.reason, voice.value)}</span>
      )}
    </>
  );
}
