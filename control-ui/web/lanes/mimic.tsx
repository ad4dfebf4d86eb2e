import type { JSX } from "preact";
import type { LineView } from "../../../protocols/ui/scene.ts";
import type { Branch, MimicLayout, PlaceBox } from "./mimic-layout.ts";

interface MimicProps {
  readonly line: LineView;
  readonly layout: MimicLayout;
}

/** What stands still: ruler, belt, and the places along it. Drawn once a change of the line. */
export function Mimic({ line, layout }: MimicProps): JSX.Element {
  const heightPx = layout.stripBottomPx;
  return (
    <svg
      class={`mimic ${line.motion.isRunning ? "belt-running" : "belt-stopped"}`}
      width={layout.widthPx}
      height={heightPx}
      viewBox={`0 0 ${layout.widthPx} ${heightPx}`}
      aria-hidden="true"
    >
      <Ruler layout={layout} />
      {layout.branches.map((branch) => (
        <BranchShape key={branch.exit} branch={branch} layout={layout} />
      ))}
      <rect
        class="belt"
        x={layout.beltLeftPx}
        y={layout.beltTopPx}
        width={layout.beltRightPx - layout.beltLeftPx}
        height={layout.beltBottomPx - layout.beltTopPx}
      />
      {layout.branches
        .filter(({ isEnd }) => !isEnd)
        .map((branch) => (
          <DiverterArm key={branch.exit} branch={branch} layout={layout} />
        ))}
      {layout.beltPlaces.map((place) => (
        <PlaceShape key={place.id} place={place} layout={layout} />
      ))}
    </svg>
  );
}

const labelEveryPx = 44;

function Ruler({ layout }: { readonly layout: MimicLayout }): JSX.Element {
  const isDense = layout.pxPerMm * 5_000 < labelEveryPx;
  return (
    <g class="ruler">
      {layout.ticks.map(({ mm, xPx, isMajor }) => (
        <line
          key={mm}
          x1={xPx}
          x2={xPx}
          y1={layout.beltTopPx - (isMajor ? 7 : 4)}
          y2={layout.beltTopPx}
        />
      ))}
      {layout.ticks
        .filter(({ mm, isMajor }) => isMajor && (!isDense || mm % 10_000 === 0))
        .map(({ mm, xPx }) => (
          <text key={mm} x={xPx} y={layout.rulerYPx} text-anchor={mm === 0 ? "start" : "middle"}>
            {mm === 0 ? "0 m" : mm / 1_000}
          </text>
        ))}
    </g>
  );
}

/** The chute's approach at 45°, from under the belt; the end's goes on from the belt itself. */
function BranchShape(props: {
  readonly branch: Branch;
  readonly layout: MimicLayout;
}): JSX.Element {
  const { branch, layout } = props;
  const { beltTopPx, beltBottomPx, stripBottomPx, branchHalfPx } = layout;
  const middleY = (beltTopPx + beltBottomPx) / 2;
  const topY = branch.isEnd ? middleY : beltBottomPx - 1;
  const topX = branch.xPx + topY - middleY;
  const left = `M${topX - branchHalfPx} ${topY} L${branch.mouthXPx - branchHalfPx} ${stripBottomPx}`;
  const right = `H${branch.mouthXPx + branchHalfPx} L${topX + branchHalfPx} ${topY}`;
  const corner = branch.isEnd ? `L${branch.xPx} ${beltTopPx}` : "";
  return <path class="branch" d={`${left} ${right} ${corner} Z`} />;
}

function DiverterArm(props: {
  readonly branch: Branch;
  readonly layout: MimicLayout;
}): JSX.Element {
  const { branch, layout } = props;
  const y = layout.beltTopPx + 8;
  const size = layout.beltBottomPx - layout.beltTopPx - 16;
  return (
    <g class="diverter">
      <line x1={branch.xPx - size / 2} y1={y} x2={branch.xPx + size / 2} y2={y + size} />
      <circle cx={branch.xPx - size / 2} cy={y} r="4" />
    </g>
  );
}

function PlaceShape(props: {
  readonly place: PlaceBox;
  readonly layout: MimicLayout;
}): JSX.Element | null {
  const { place, layout } = props;
  const { beltTopPx: top, beltBottomPx: bottom } = layout;
  const { leftPx: left, rightPx: right } = place;
  const middle = (left + right) / 2;
  switch (place.kind) {
    case "eye":
      return (
        <g class="place-eye">
          <line x1={left} x2={left} y1={top} y2={bottom} />
          <circle cx={left} cy={top} r="3.5" />
          <circle cx={left} cy={bottom} r="3.5" />
        </g>
      );
    case "scanner":
      return (
        <path
          class="place-scanner"
          d={`M${middle - 13} ${top + 6} v-12 h8 M${middle + 13} ${top + 6} v-12 h-8
              M${middle - 13} ${bottom - 6} v12 h8 M${middle + 13} ${bottom - 6} v12 h-8
              M${middle} ${top} V${bottom}`}
        />
      );
    case "scale": {
      const half = Math.max(10, (right - left) / 2);
      return (
        <rect
          class="place-scale"
          x={middle - half}
          y={top + 4}
          width={half * 2}
          height={bottom - top - 8}
        />
      );
    }
    case "xray":
      return <XrayTunnel left={left} right={right} top={top} bottom={bottom} />;
    case "diverter":
    case "end":
      return null;
  }
}

function XrayTunnel(props: {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}): JSX.Element {
  const { left, right, top, bottom } = props;
  const curtains = [left + 3, left + 8, right - 8, right - 3];
  return (
    <g class="place-xray">
      <rect x={left} y={top - 7} width={Math.max(24, right - left)} height={bottom - top + 14} />
      {curtains.map((x) => (
        <line key={x} x1={x} x2={x} y1={top - 3} y2={bottom + 3} />
      ))}
    </g>
  );
}
