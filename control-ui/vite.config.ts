import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { localFonts } from "./font-plugin.ts";

/** The page is static files: whatever changes comes over the socket and HTTP. */
export default defineConfig({
  root: fileURLToPath(new URL("web", import.meta.url)),
  base: "/",
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [localFonts()],
  build: {
    target: "es2023",
    emptyOutDir: true,
    // Everything must come from files that the server can cache by name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
