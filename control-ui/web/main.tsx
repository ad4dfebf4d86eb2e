import { render } from "preact";
import { config } from "zod";
import { App } from "./shell/app.tsx";
import { listenToHistory } from "./shell/router.ts";
import { live } from "./shell/site.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/lines.css";
import "./styles/story.css";
import "./styles/officer.css";

// Compiled schemas need `eval`, which a strict content policy forbids.
config({ jitless: true });

listenToHistory();
live.start();
const root = document.querySelector("#page");
if (root !== null) render(<App />, root);
