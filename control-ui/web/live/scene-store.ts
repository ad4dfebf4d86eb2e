import { signal, type Signal } from "@preact/signals";
import type { Scene } from "../../../protocols/ui/scene.ts";
import type { SceneOp } from "../../../protocols/ui/socket.ts";

/**
 * One kind of record, by key. Each record is a signal of its own, so that a change redraws what
 * shows that record and nothing else; `keys` changes only when a record comes or goes.
 */
export class RecordStore<Value> {
  readonly keys: Signal<readonly string[]> = signal([]);
  readonly #records = new Map<string, Signal<Value>>();

  get(key: string): Value | undefined {
    return this.#records.get(key)?.value;
  }

  /** Reads without subscribing: for drawing loops, which look at every frame anyway. */
  peek(key: string): Value | undefined {
    return this.#records.get(key)?.peek();
  }

  /** All records; whoever renders from it is redrawn at every change of any. */
  all(): readonly Value[] {
    return this.keys.value.flatMap((key) => this.get(key) ?? []);
  }

  peekAll(): readonly Value[] {
    return [...this.#records.values()].map((record) => record.peek());
  }

  put(key: string, value: Value): void {
    const known = this.#records.get(key);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    this.#records.set(key, signal(value));
    this.#publishKeys();
  }

  drop(key: string): void {
    if (this.#records.delete(key)) this.#publishKeys();
  }

  replace(records: Readonly<Record<string, Value>>): void {
    for (const key of this.#records.keys()) {
      if (!Object.hasOwn(records, key)) this.#records.delete(key);
    }
    for (const [key, value] of Object.entries(records)) {
      const known = this.#records.get(key);
      if (known === undefined) this.#records.set(key, signal(value));
      else known.value = value;
    }
    this.#publishKeys();
  }

  #publishKeys(): void {
    this.keys.value = [...this.#records.keys()].sort((a, b) => a.localeCompare(b, "en", numeric));
  }
}

/** L2 before L10. */
const numeric = { numeric: true } as const;

type KindValue<K extends "line" | "device" | "parcel" | "task" | "alarm"> = Scene[K][string];

/** All that the centre has told this page about the site. */
export class SceneStore {
  readonly line = new RecordStore<KindValue<"line">>();
  readonly device = new RecordStore<KindValue<"device">>();
  readonly parcel = new RecordStore<KindValue<"parcel">>();
  readonly task = new RecordStore<KindValue<"task">>();
  readonly alarm = new RecordStore<KindValue<"alarm">>();
  readonly centre = new RecordStore<CentreRecord>();

  replace(scene: Scene): void {
    this.line.replace(scene.line);
    this.device.replace(scene.device);
    this.parcel.replace(scene.parcel);
    this.task.replace(scene.task);
    this.alarm.replace(scene.alarm);
    this.centre.replace(scene.centre);
  }

  apply(op: SceneOp): void {
    if ("drop" in op) {
      this[op.drop].drop(op.key);
      return;
    }
    switch (op.put) {
      case "line":
        return this.line.put(op.value.id, op.value);
      case "device":
        return this.device.put(op.value.id, op.value);
      case "parcel":
        return this.parcel.put(op.value.passId, op.value);
      case "task":
        return this.task.put(op.value.taskId, op.value);
      case "alarm":
        return this.alarm.put(op.value.id, op.value);
      case "centre":
        return this.centre.put("centre", op.value);
    }
  }
}

type CentreRecord = Extract<SceneOp, { put: "centre" }>["value"];
