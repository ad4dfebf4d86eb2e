import { isMainThread } from "node:worker_threads";
import { onParentGone } from "./parent-watch.ts";

/**
 * Loaded before the program of each process that the lab starts (`node --import`): a lab that is
 * killed outright stops nobody, and its agents would go on writing in a folder that seems free.
 * The programs themselves know nothing of it.
 */
if (isMainThread) onParentGone(() => process.kill(process.pid, "SIGTERM"));
