export * from "@orchestrator/sdk/renderinc";
