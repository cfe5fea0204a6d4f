/**
 * Names the app and its stacks; what they hold is in `stacks/`.
 *
 * The versions are pinned, because the infrastructure tests run exactly these components. Only the stage
 * `production` is kept from `sst remove`, and keeps its data if it ever goes.
 */
// oxlint-disable-next-line typescript/triple-slash-reference -- SST's globals come this way; there is nothing to import.
/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app(input) {
    const isProduction = input.stage === "production"
    return {
      name: "earshot",
      home: "aws",
      version: "4.17.1",
      providers: { aws: { version: "7.20.0" } },
      protect: isProduction,
      removal: isProduction ? "retain" : "remove",
    }
  },
  async run() {
    // SST refuses static imports here: it reads app() from this file before the platform is there.
    const { setFunctionDefaults } = await import("./stacks/function.ts")
    const { createStorage } = await import("./stacks/storage.ts")
    const { createChannels } = await import("./stacks/channels.ts")
    const { createTickQueue } = await import("./stacks/tick.ts")
    const { createPoller } = await import("./stacks/poller.ts")
    const { createApi } = await import("./stacks/api.ts")
    const { createMonitoring } = await import("./stacks/monitoring.ts")

    setFunctionDefaults()
    const storage = createStorage()
    const channels = createChannels()
    const tick = createTickQueue()
    const api = createApi(storage, channels, tick)
    const poller = createPoller(storage, channels, api, tick)
    createMonitoring(poller)

    return { api: api.url }
  },
})
