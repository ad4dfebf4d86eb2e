import type { z } from "zod";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import { linkMessageBytesMax } from "./port.ts";

/** JSON bytes of the link, checked on both ends. A refusal names the field. */
export type WireMessage<Message> =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "refused"; readonly why: string };

export type WireReader<Message> = (payload: Uint8Array) => WireMessage<Message>;

interface KindSchema {
  readonly shape: { readonly kind: z.ZodLiteral };
  safeParse(input: unknown): ReturnType<z.ZodType["safeParse"]>;
}

/**
 * A reader that goes straight to the schema of the message's own `kind`: cheaper than trying each,
 * and the refusal speaks of the message that was meant.
 */
export function createWireReader<Message>(
  options: readonly (KindSchema & z.ZodType<Message>)[],
): WireReader<Message> {
  const byKind = new Map<unknown, z.ZodType<Message>>();
  for (const schema of options) {
    for (const value of schema.shape.kind.values) byKind.set(value, schema);
  }
  return (payload) => {
    if (payload.byteLength > linkMessageBytesMax) {
      return refuse(`${payload.byteLength} bytes, at most ${linkMessageBytesMax}`);
    }
    const parsed = parseJson(payload);
    if (parsed.kind === "invalid") return refuse(parsed.message);
    const json = parsed.value;
    const kind = typeof json === "object" && json !== null && "kind" in json ? json.kind : null;
    const schema = byKind.get(kind);
    if (schema === undefined) return refuse("kind: unknown");
    const read = checkJson(schema, json);
    if (read.kind === "ok") return { kind: "message", message: read.value };
    return refuse(`${String(kind)}.${read.field ?? ""}: ${read.message}`);
  };
}

const encoder = new TextEncoder();
export const encodeWireMessage = (message: unknown): Uint8Array =>
  encoder.encode(JSON.stringify(message));

const refuse = (why: string): { readonly kind: "refused"; readonly why: string } => ({
  kind: "refused",
  why: why.slice(0, 300),
});
