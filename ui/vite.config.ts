import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** `npm run dev` shows the orchestrator at ORCHESTRATOR_URL, with ORCHESTRATOR_API_KEY. */
const target = process.env.ORCHESTRATOR_URL ?? "http://127.0.0.1:8120";
const key = process.env.ORCHESTRATOR_API_KEY;

export default defineConfig({
  base: "/ui/",
  plugins: [svelte()],
  build: {
    outDir: "../orchestrator/ui/dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "/v1": { target, headers: key ? { Authorization: `Bearer ${key}` } : {} } },
  },
});
