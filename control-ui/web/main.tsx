import { render } from "preact";
import { config } from "zod";
import { App } from "./app.tsx";
import { fetchOfficerDesk } from "./officer/officer-desk.ts";
import { listenToHistory } from "./shell/router.ts";
import { live } from "./shell/site.ts";

// Compiled schemas need `eval`, which a strict content policy forbids.
config({ jitless: true });

listenToHistory();
live.start();
const root = document.querySelector("#page");
if (root !== null) render(<App />, root);
fetchOfficerDesk();
