import { defineConfig } from "vite";

export default defineConfig({
  server: {
    // The page and the socket share the dev server's address, as they share yours later.
    proxy: { "/socket": { target: "ws://127.0.0.1:8080", ws: true } },
  },
});
