import { z } from "zod";

/**
 * Cognex's DMCC. A command is `||checksum:id>command`, an answer `||checksum:id[state]data`; checksum
 * and id may be missing. Where the checksum is 1 the last byte before the end is the exclusive or of
 * the others. State 1 says that the data is what was read, and not the answer to a command.
 * @see Cognex DataMan Communications and Programming Guide, DMCC: command syntax, reader response
 */
export type DmccAnswer = { readonly commandId: number | null } & (
  | { readonly kind: "done" }
  /** What a trigger has shown. */
  | { readonly kind: "read"; readonly data: string }
  | { readonly kind: "refused"; readonly why: string }
  /** Its data cannot be trusted as it stands: behind it there is a byte of checksum. */
  | { readonly kind: "checked" }
);

/** How numbered commands are sent. */
export const zDmccCommands = z.strictObject({
  checksum: z
    .enum(["none", "frame", "command"])
    .default("none")
    .describe(
      "A byte of exclusive or behind each command and each answer: over all that is before it (frame), or over what is behind the header (command). The manual says only that it is of the bytes: where no answer's checksum fits, the reader counts the other way.",
    ),
  answerWithinMs: z
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(200)
    .describe(
      "How long an answer may take. Until then the next command waits; after it, whatever waits is dropped.",
    ),
});
export type DmccCommands = z.infer<typeof zDmccCommands>;

const commandHead = "||>";
const answerPattern = /^\|\|([01]?)(?::(\d*))?\[(\d{1,3})\]([\s\S]*)$/;

/** States of a command that was not done, in the maker's words. */
const refusals: Readonly<Record<number, string>> = {
  100: "unidentified error",
  101: "invalid command",
  102: "invalid parameter",
  103: "wrong checksum",
  104: "rejected in this state",
  105: "not available",
};

/** What a text says, or null where it is no answer. `isChecked`: its checksum was right, and is gone. */
export function readDmccAnswer(text: string, isChecked = false): DmccAnswer | null {
  const [, checksum = "", id = "", digits = "", data = ""] = answerPattern.exec(text) ?? [];
  if (digits === "") return null;
  const commandId = id === "" ? null : Number(id);
  const state = Number(digits);
  if (state === 0) return { kind: "done", commandId };
  if (state !== 1) {
    return { kind: "refused", why: `${refusals[state] ?? "unknown state"} (${state})`, commandId };
  }
  return checksum === "1" && !isChecked
    ? { kind: "checked", commandId }
    : { kind: "read", data, commandId };
}

/**
 * The bytes of a command between its frames' marks: `||>TRIGGER ON` with a number and, where it is
 * wanted, its checksum. `text` begins with `||>`.
 */
export function encodeDmccCommand(
  text: string,
  commandId: number,
  { checksum }: Pick<DmccCommands, "checksum">,
): Uint8Array {
  const flag = checksum === "none" ? 0 : 1;
  return withChecksum(`||${flag}:${commandId}>${text.slice(commandHead.length)}`, checksum);
}

/** The bytes of an answer, under the same checksum as the command that it answers. */
export const encodeDmccAnswer = (
  { commandId, state, data }: { commandId: number; state: number; data: string },
  { checksum }: Pick<DmccCommands, "checksum">,
): Uint8Array =>
  withChecksum(`||${checksum === "none" ? 0 : 1}:${commandId}[${state}]${data}`, checksum);

function withChecksum(text: string, checksum: DmccCommands["checksum"]): Uint8Array {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return checksum === "none" ? bytes : Uint8Array.from([...bytes, checksumOf(bytes, checksum)]);
}

/** Of a command behind `>`, of an answer behind `]`: whichever ends the header. */
function checksumOf(bytes: Uint8Array, over: Exclude<DmccCommands["checksum"], "none">): number {
  const headerEnd = bytes.findIndex((byte) => byte === 0x3e || byte === 0x5d) + 1;
  return bytes.subarray(over === "frame" ? 0 : headerEnd).reduce((sum, byte) => sum ^ byte, 0);
}

/**
 * A frame without its byte of checksum. `isChecked`: it had one, and it fits. Null: it has one that
 * does not fit.
 */
export function openDmcc(
  frame: Uint8Array,
  checksum: DmccCommands["checksum"],
): { readonly bytes: Uint8Array; readonly isChecked: boolean } | null {
  const isFlagged = frame[0] === 0x7c && frame[1] === 0x7c && frame[2] === 0x31;
  if (checksum === "none" || !isFlagged) return { bytes: frame, isChecked: false };
  const bytes = frame.subarray(0, -1);
  return frame.at(-1) === checksumOf(bytes, checksum) ? { bytes, isChecked: true } : null;
}

/** The other way: a numbered command as it was before; `badChecksum` and null for nothing of the kind. */
export function readNumberedCommand(
  frame: Uint8Array,
  { checksum }: Pick<DmccCommands, "checksum">,
): { readonly commandId: number; readonly text: string } | "badChecksum" | null {
  const opened = openDmcc(frame, checksum);
  if (opened === null) return "badChecksum";
  const [, id, command] = numberedPattern.exec(String.fromCharCode(...opened.bytes)) ?? [];
  return id === undefined || command === undefined
    ? null
    : { commandId: Number(id), text: commandHead + command };
}

const numberedPattern = /^\|\|[01]:(\d+)>(.*)$/;

export type DmccCommandRead =
  /** Command, parameters and arguments as they are meant, without quotes and escapes. */
  | { readonly kind: "command"; readonly words: readonly string[] }
  | { readonly kind: "invalid"; readonly why: string };

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "|": "|",
  t: "\t",
  r: "\r",
  n: "\n",
};

/** A text as an argument: in quotes, with what needs it escaped. */
export function dmccTextArgument(text: string): string {
  const escaped = Array.from(text, (char) => {
    const [letter] = Object.entries(escapes).find(([, meant]) => meant === char) ?? [];
    return letter === undefined ? char : `\\${letter}`;
  });
  return `"${escaped.join("")}"`;
}

/**
 * What stands behind a command's header, word by word. An argument that is a text stands in quotes;
 * within it a quote, a backslash and a bar have a backslash before them. A bar that has none would
 * begin a header.
 */
export function readDmccCommand(text: string): DmccCommandRead {
  if (!text.startsWith(commandHead)) {
    return { kind: "invalid", why: `must begin with ${commandHead}` };
  }
  const words: string[] = [];
  let rest = text.slice(commandHead.length);
  while (rest !== "") {
    const [all = "", bare, quoted = ""] = wordPattern.exec(rest) ?? [];
    if (all === "") return { kind: "invalid", why: `${escapingRule}, and not ${rest}` };
    words.push(bare ?? quoted.replace(escapePattern, (_, letter: string) => escapes[letter] ?? ""));
    rest = rest.slice(all.length);
  }
  return words.length === 0
    ? { kind: "invalid", why: "must say a command" }
    : { kind: "command", words };
}

const wordPattern = /^(?:([^\s"\\|]+)|"((?:[^"\\|]|\\["\\|trn])*)")(?: |$)/;
const escapePattern = /\\(["\\|trn])/g;
const escapingRule =
  'words with one blank between them, texts in quotes, and in a text \\" \\\\ \\| \\t \\r \\n for these characters';
