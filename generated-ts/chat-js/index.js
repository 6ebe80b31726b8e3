// Made by socket-codegen 0.1.0.
// @ts-self-types="./index.d.ts"
// Do not edit: change the Rust definition and run `socket-codegen generate`.

export * from "./chat.js";
