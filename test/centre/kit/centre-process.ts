import { createMemoryLink } from "../../../edge/link/memory-link.ts";
import { createSystemClock } from "../../../edge/runtime/system-clock.ts";
import { openCentre } from "./site.ts";

/**
 * Run as a process of its own: the whole centre on real stores in the folder that is named, asked
 * over a real socket. Says its address on standard output; ends by its death only.
 */
const [folder = ""] = process.argv.slice(2);
const clock = createSystemClock();
const { server } = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
process.stdout.write(`${await server.listen({ host: "127.0.0.1", port: 0 })}\n`);
