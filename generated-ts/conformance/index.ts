// Made by socket-codegen 0.1.0.
// Do not edit: change the Rust definition and run `socket-codegen generate`.

export * from "./probe.js";
