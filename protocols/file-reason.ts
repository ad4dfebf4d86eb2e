/** Why a file or folder was not read or written, in plain words. What is not known is told as it came. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return words.get("code" in error ? error.code : undefined) ?? error.message;
}

/** There is no such file, which is all that is wrong. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

export const isFolder = "it is a folder, not a file";

const words: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["ENOTDIR", "it, or what leads to it, is no folder"],
  ["EISDIR", isFolder],
  ["EACCES", "it takes rights that you do not have"],
  ["EPERM", "it takes rights that you do not have"],
  ["EEXIST", "something of that name is there already"],
  ["EROFS", "its disk takes no changes"],
  ["ENOSPC", "its disk is full"],
  ["EDQUOT", "its share of the disk is used up"],
]);
