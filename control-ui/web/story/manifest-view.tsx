import type { JSX } from "preact";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import { codeText, reasonClause } from "../../../protocols/words/sentence.ts";
import { voice } from "../shell/site.ts";
import { hsText } from "../shell/time-text.ts";
import { Entry } from "./entry.tsx";
import { WeightComparison, type Weighing } from "./weight-comparison.tsx";

interface ManifestProps {
  readonly manifest: ManifestView;
  readonly weighing: Weighing;
}

/** The declaration: who, where to, how much; then its goods. */
export function ManifestSummary({ manifest, weighing }: ManifestProps): JSX.Element {
  const { say, find } = voice.value;
  const state = find("manifestState", manifest.state) ?? manifest.state;
  // In full: which field differs and how, and what customs wrote, is what an officer looks for.
  const open = manifest.openReasons.map((reason) => reasonClause(reason, voice.value));
  return (
    <div class="manifest" data-manifest={manifest.waybill}>
      <GoodsTable manifest={manifest} />
      <WeightComparison declaredKg={manifest.grossWeightKg} weighing={weighing} />
      <dl class="manifest-facts">
        <Entry
          name={say("ui", "storyOpenReasons")}
          value={open.join(say("ui", "listComma")) || say("ui", "storyNoOpenReasons")}
          width="all"
        />
        <Entry name={say("ui", "sender")} value={manifest.sender} width="two-thirds" />
        <Entry name={say("ui", "platform")} value={manifest.platform} />
        <Entry
          name={say("ui", "destination")}
          value={codeText("country", manifest.destination, voice.value)}
        />
        <Entry
          name={say("ui", "value")}
          value={`${manifest.totalValue} ${find("currency", manifest.currency) ?? manifest.currency}`}
        />
        <Entry name={say("ui", "pieces")} value={String(manifest.pieces)} />
        <Entry
          name={say("ui", "tradeMode")}
          value={codeText("tradeMode", manifest.tradeMode, voice.value)}
          width="half"
        />
        <Entry name={say("ui", "orderNo")} value={manifest.orderNo} width="half" />
        <Entry name={say("ui", "state")} value={state} width="half" />
        <Entry
          name={say("ui", "customsStatus")}
          value={
            manifest.customsStatus === null
              ? say("ui", "customsStatusNone")
              : codeText("customsStatus", String(manifest.customsStatus), voice.value)
          }
          width="half"
        />
        <TransmissionError error={manifest.transmissionError} />
      </dl>
    </div>
  );
}

/** An error that customs reported on one transmission: told, and no change of the status. */
function TransmissionError(props: {
  readonly error: ManifestView["transmissionError"];
}): JSX.Element | null {
  const { say, find } = voice.value;
  if (props.error === null) return null;
  const { status, about, info } = props.error;
  const text = say("ui", "transmissionErrorText", {
    status,
    about: find("errorAbout", about) ?? about,
    ...(info === null ? {} : { info }),
  });
  return <Entry name={say("ui", "transmissionError")} value={text} width="all" />;
}

function GoodsTable({ manifest }: { readonly manifest: ManifestView }): JSX.Element {
  const { say } = voice.value;
  return (
    <table class="goods">
      <thead>
        <tr>
          <th scope="col">{say("ui", "itemName")}</th>
          <th scope="col">{say("ui", "itemHs")}</th>
          <th scope="col" class="number">
            {say("ui", "itemQty")}
          </th>
          <th scope="col" class="number">
            {say("ui", "itemTotal")}
          </th>
        </tr>
      </thead>
      <tbody>
        {manifest.items.map((item) => (
          <tr key={item.gnum}>
            <td>
              <span class="goods-name">{item.name}</span> <small>{item.model}</small>
            </td>
            <td class="code">{hsText(item.hsCode)}</td>
            <td class="number">
              {item.qty} <small>{voice.value.find("unit", item.unit) ?? item.unit}</small>
            </td>
            <td class="number">{item.totalPrice}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
