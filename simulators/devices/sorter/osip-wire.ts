import { encodeJson } from "../../../protocols/json-message.ts";
import {
  osipAnswerCode,
  osipBelt,
  osipBeltBits,
  osipChuteStates,
  osipCode,
  osipCount,
  osipWordMax,
  osipWords,
  readOsipOrderCounts,
  readOsipWords,
} from "../../../protocols/sorter/osip-sorter.ts";
import {
  createOsipParser,
  encodeOsip,
  osipNumberMax,
  type OsipFields,
  type OsipFormat,
  type OsipTelegram,
} from "../../../protocols/sorter/osip.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { exits, type Exit } from "../../../protocols/sorting.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import type { SorterAnswer } from "./sorter-model.ts";
import type { SorterWire } from "./wire.ts";

/** What the controller calls itself, its agent, and the places of its line. */
export interface OsipPlant {
  readonly controller: string;
  readonly agent: string;
  readonly format: OsipFormat;
  readonly eyes: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly guards: Readonly<Record<string, string>>;
  readonly chutes: Readonly<Record<Exit, string>>;
  readonly reset: string;
}

export interface SorterOsipWireOptions {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly plant: OsipPlant;
}

export interface SorterOsipWire extends SorterWire {
  close(): Promise<void>;
}

/** The controller's end of OSIP with counts (`protocols/sorter/osip-sorter.ts`). */
export const createSorterOsipWire = (options: SorterOsipWireOptions): SorterOsipWire =>
  new OsipWire(options);

type Say = {
  readonly [Type in OsipTelegram["type"]]: {
    readonly type: Type;
    readonly fields: Omit<OsipFields<Type>, "date">;
  };
}[OsipTelegram["type"]];
type Order = Extract<OsipTelegram, { type: "RES_" }>["fields"];
/** Kinds of events that answer an order. */
type Answering = Extract<SorterEvent, { readonly commandId: string }>;

const orderPrefix = "no-";

class OsipWire implements SorterOsipWire {
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #plant: OsipPlant;
  #handle: (payload: Uint8Array) => SorterAnswer = () => "noLife";
  #epoch = "";
  #boot = 0;
  #beltWord: number = osipBeltBits.stands;
  #speedMmPerS = 0;

  constructor({ link, clock, plant }: SorterOsipWireOptions) {
    this.#link = link;
    this.#clock = clock;
    this.#plant = plant;
    let parser = createOsipParser(plant.format);
    link.open({
      onOpen: () => {
        parser = createOsipParser(plant.format);
      },
      onBytes: (chunk) => {
        for (const frame of parser.push(chunk)) {
          if (frame.kind === "telegram") this.#hear(frame.telegram);
        }
      },
      onClose: () => {},
    });
  }

  publish(event: SorterEvent): void {
    if (event.epoch !== this.#epoch) {
      this.#epoch = event.epoch;
      this.#boot = (this.#boot % osipWordMax) + 1;
    }
    const number = event.seq === 0 ? 0 : ((event.seq - 1) % osipNumberMax) + 1;
    const { type, fields } = this.#said(event);
    const { controller: sender, agent: receiver, format } = this.#plant;
    const date = new Date(this.#clock.wall())
      .toISOString()
      .replaceAll(/[^0-9]/g, "")
      .slice(0, 14);
    const telegram = { sender, receiver, number, type, fields: { ...fields, date } };
    this.#link.write(encodeOsip(telegram as OsipTelegram, format));
  }

  onCommand(handler: (payload: Uint8Array) => SorterAnswer): void {
    this.#handle = handler;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #said(event: SorterEvent): Say {
    const { eyes, inputs, guards, chutes, reset } = this.#plant;
    switch (event.kind) {
      case "session":
        return this.#system(event.count);
      case "belt":
        this.#beltWord =
          (event.isRunning ? 0 : osipBeltBits.stands) +
          (event.emergencyStop ? osipBeltBits.emergencyStop : 0);
        this.#speedMmPerS = event.speedMmPerS;
        return this.#system(event.count);
      case "chute": {
        const error = osipCode(osipChuteStates.indexOf(event.state));
        return { type: "LOCU", fields: { group: "CHUTES", actual: chutes[event.exit], error } };
      }
      case "eye":
        return update(eyes[event.eyeId], event.count, event.isBlocked);
      case "pulse":
        return update(inputs[event.inputId], event.count, false);
      case "guard":
        return update(guards[event.guardId], event.count, event.isOpen);
      case "localReset":
        return update(reset, event.count, false);
      case "accepted":
      case "refused":
      case "fired":
      case "cancelled":
        return this.#answer(event);
    }
  }

  #system(count: number): Say {
    const error = osipWords(this.#boot, this.#beltWord);
    return { type: "SYSU", fields: { group: osipBelt(count, this.#speedMmPerS), error } };
  }

  #answer(event: Answering): Say {
    const barcode = event.commandId.slice(orderPrefix.length);
    return { type: "UPD_", fields: { barcode, actual: "", error: codeOf(event) } };
  }

  #hear(telegram: OsipTelegram): void {
    if (telegram.receiver !== this.#plant.controller) return;
    switch (telegram.type) {
      case "RES_":
        return this.#obey(telegram.fields);
      case "LOCU":
        return this.#command(telegram.fields.error, (word) => ({
          kind: "induction",
          isPermitted: word === 0,
        }));
      case "SYSU":
        return this.#command(telegram.fields.error, (word) => ({ kind: "belt", run: word === 0 }));
      case "SYNC":
        this.#handle(encodeJson({ kind: "life", epoch: this.#epoch }));
        return;
      case "REQ_":
      case "UPD_":
      case "ERR_":
      case "SYNQ":
        return;
    }
  }

  #obey(order: Order): void {
    const commandId = orderPrefix + order.barcode;
    this.#command(order.error, (windowCounts) => {
      if (order.barcode === "") return { kind: "cancelAll" };
      if (order.target === "") return { kind: "abort", commandId };
      const counts = readOsipOrderCounts(order.group);
      return {
        kind: "divert",
        commandId,
        passId: `parcel-${order.actual}`,
        exit: exits.find((exit) => this.#plant.chutes[exit] === order.target),
        fireAtCount: counts?.fireAt,
        releaseAtCount: (counts?.fireAt ?? 0) + windowCounts,
        notAfterCount: counts?.notAfter,
      };
    });
  }

  /** As the JSON of a command of that session, to be judged like one from any other wire. */
  #command(error: string, bodyOf: (word: number) => object): void {
    const words = readOsipWords(error);
    if (words === null) return;
    const epoch = words.boot === this.#boot ? this.#epoch : `boot-${words.boot}`;
    this.#handle(encodeJson({ ...bodyOf(words.word), epoch }));
  }
}

const update = (actual: string | undefined, count: number, isSet: boolean): Say => ({
  type: "UPD_",
  fields: {
    barcode: osipCount(count),
    actual: actual ?? "UNNAMED",
    error: osipCode(isSet ? 1 : 0),
  },
});

function codeOf(event: Answering): string {
  switch (event.kind) {
    case "accepted":
    case "fired":
      return osipAnswerCode(event.kind);
    case "cancelled":
      return osipAnswerCode(event.why === "noLife" ? "cancelledNoLife" : event.why);
    case "refused":
      return osipAnswerCode(event.why === "noAnswer" ? "noLife" : event.why);
  }
}
