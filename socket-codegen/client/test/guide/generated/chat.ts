export * from "../../fixtures/chat/chat.ts";
