export default {
  // The page and the socket share Next's address. The Rust server sees another one: see below.
  rewrites: async () => [{ source: "/socket", destination: "http://127.0.0.1:8080/socket" }],
};
