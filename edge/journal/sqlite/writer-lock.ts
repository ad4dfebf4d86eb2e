import { openSqliteFile, SqliteError, type SqliteFile } from "./sqlite-file.ts";
import { refused, type Opened } from "./store-file.ts";

/**
 * Two writers of one chain would make two chains. SQLite's own lock on an empty file beside the
 * journal keeps the second one out; the operating system frees it when the process dies, however
 * it dies. Readers need no lock.
 */
export async function lockForWriting(file: string): Promise<Opened<{ lock: SqliteFile }>> {
  let lock: SqliteFile | null = null;
  try {
    lock = await openSqliteFile({ file: `${file}-lock`, mode: "create", busyMsMax: 0 });
    await lock.exec("BEGIN EXCLUSIVE");
    return { kind: "opened", lock };
  } catch (error) {
    await lock?.close();
    if (!(error instanceof SqliteError)) throw error;
    if (error.failure.code !== "fileLocked") return { kind: "refused", ...error.failure };
    return refused("fileLocked", `${file}: another process writes this journal`);
  }
}
