import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env.HOTLINE_API ?? "http://127.0.0.1:8022";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": api, "/sip": { target: api, ws: true } } },
  // A script or font inlined as data: would need a weaker content security policy.
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
