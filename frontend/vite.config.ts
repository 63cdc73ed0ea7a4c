import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// With HEQI_DEMO the build has a wallet of development keys in it; only the local demo serves that one.
const demo = process.env["HEQI_DEMO"] === "1";

export default defineConfig({
  plugins: [react()],
  define: { __DEMO__: JSON.stringify(demo) },
  html: { cspNonce: "{nonce}" },
  build: {
    outDir: demo ? "dist-demo" : "dist",
    target: "es2023",
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
});
