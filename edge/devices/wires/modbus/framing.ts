import type { ModbusAsk } from "./pdu.ts";

/** What came in, of one chunk. */
export type ModbusArrival =
  /** To the question that is open: right unit, and right transaction where there is one. */
  | { readonly kind: "answer"; readonly pdu: Uint8Array }
  /** To no question that is open: late, of another unit, or noise. It is dropped. */
  | { readonly kind: "stray"; readonly why: string }
  /** Nobody can tell any more where a frame begins: the connection is of no use. */
  | { readonly kind: "broken"; readonly why: string };

/** How questions and answers are told apart on one kind of wire. */
export interface ModbusFraming {
  /** How long nobody may have sent anything before a question. */
  readonly silenceMs: number;
  /** How long a question and its answer are under way, were nobody to think. */
  airMs(ask: ModbusAsk): number;
  /** A new connection: nothing is held of the one before. */
  reset(): void;
  /** The bytes of a question, which is the one that is open from now on. */
  ask(ask: ModbusAsk): Uint8Array;
  /** No answer is awaited any more. */
  forget(): void;
  take(chunk: Uint8Array): readonly ModbusArrival[];
  /** Of an answer that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}
