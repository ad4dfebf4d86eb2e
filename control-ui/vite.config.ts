import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";
import { localFonts } from "./font-plugin.ts";

/** The page is static files: whatever changes comes over the socket and HTTP. */
export default defineConfig({
  root: fileURLToPath(new URL("web", import.meta.url)),
  base: "/",
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [localFonts()],
  // rxjs keeps its modern build, which is smaller, behind a condition of its own.
  resolve: { conditions: ["es2015", ...defaultClientConditions] },
  build: {
    target: "es2023",
    emptyOutDir: true,
    // Everything must come from files that the server can cache by name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
