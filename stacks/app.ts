/**
 * The app: reads the settings of the stage, refuses wrong ones before anything is changed, and makes the parts in the order in which they
 * need each other.
 */
import protectedStages from "../settings/protected-stages.json"
import { createApi } from "./api.ts"
import { createChannels } from "./channels.ts"
import { checkSettings } from "./deploy-check.ts"
import { setFunctionDefaults } from "./function.ts"
import { createMonitoring } from "./monitoring.ts"
import { createPoller } from "./poller.ts"
import { removals, stateFile } from "./removal.ts"
import { chosenRetention } from "./setting.ts"
import { settingsOf } from "./settings-file.ts"
import { isProtectedStage } from "./stage.ts"
import { createStorage } from "./storage.ts"
import { createTickQueue } from "./tick.ts"

/** What a deploy prints at its end. Throws what is wrong with the settings. */
export function createApp() {
  const { stage } = $app
  const isProtected = isProtectedStage(stage, protectedStages)
  const settings = settingsOf(stage, process.env, $cli.paths.root)
  checkSettings(settings, { stage, isProtected, isLocal: $dev })

  for (const removal of removals(stateFile(process.env, $app.name, stage), settings)) {
    // oxlint-disable-next-line no-console -- The terminal of the deploy is where it can still be stopped.
    console.warn(removal)
  }

  setFunctionDefaults({ logRetentionDays: chosenRetention(settings) })
  const storage = createStorage({ isProtected })
  const channels = createChannels(settings)
  const tick = createTickQueue()
  const api = createApi(settings, storage, channels, tick)
  const poller = createPoller(settings, storage, channels, api, tick)
  createMonitoring(settings, { poller, api }, isProtected)

  return { api: api.url }
}
