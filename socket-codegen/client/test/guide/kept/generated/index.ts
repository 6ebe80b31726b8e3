export * from "../../../fixtures/kept/kept.ts";
