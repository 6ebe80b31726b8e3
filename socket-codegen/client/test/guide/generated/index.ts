export * from "../../fixtures/chat/index.ts";
