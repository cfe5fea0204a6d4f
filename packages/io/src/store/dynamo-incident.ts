/** What went wrong beside the polls, on DynamoDB: one item, as JSON text. */
import { isSameJson } from "@earshot/core/json"
import { Incidents, NO_INCIDENTS } from "@earshot/core/turn/incident"
import { type TeamItems, jsonIn, versionIn, versionIsOrDamaged } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

const SK = "HEALTH"

export function incidentStore(items: TeamItems): Pick<Store, "readIncidents" | "writeIncidents"> {
  const readIncidents = async () => {
    const item = await items.read(SK)
    if (!item) return NO_INCIDENTS
    const version = versionIn(item)
    const read = Incidents.omit({ version: true }).safeParse(jsonIn(item))
    return { ...NO_INCIDENTS, ...read.data, version }
  }
  return {
    readIncidents,

    writeIncidents: async (incidents) => {
      const { version, ...body } = incidents
      const item = { sk: SK, version, body: JSON.stringify(body) }
      if (await items.put(item, versionIsOrDamaged(version - 1))) return true
      // An SDK retry also ends up here after its own first try; an identical write by someone else is equally fine.
      return isSameJson(await readIncidents(), incidents)
    },
  }
}
