/**
 * Names the app and its stacks; what they hold is in `stacks/`, what is set for a stage in `settings/`.
 *
 * The versions are pinned, because the infrastructure tests run exactly these components. A protected stage is kept from
 * `sst remove`, and keeps its data if it ever goes.
 */
// oxlint-disable-next-line typescript/triple-slash-reference -- SST's globals come this way; there is nothing to import.
/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    // SST refuses static imports here: it reads app() from this file before the platform is there.
    const { isProtectedStage } = await import("./stacks/stage.ts")
    const { default: listed } = await import("./settings/protected-stages.json")
    const isProtected = isProtectedStage(input.stage, listed)
    return {
      name: "earshot",
      home: "aws",
      version: "4.17.1",
      providers: { aws: { version: "7.20.0" } },
      protect: isProtected,
      removal: isProtected ? "retain" : "remove",
    }
  },
  async run() {
    const { createApp } = await import("./stacks/app.ts")
    return createApp()
  },
})
