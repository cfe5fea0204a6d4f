/** What one turn leaves to the next, on DynamoDB: the poller's state and the watch. */
import { marshall } from "@aws-sdk/util-dynamodb"
import { isSameJson } from "@earshot/core/json"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { latestHolds, refusalOf } from "@earshot/core/turn/gate"
import { PackedControl, packChange, unpackControl } from "@earshot/core/turn/packed-control"
import { PackedWatch, packWatch, unpackWatch } from "@earshot/core/watch/packed-watch"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import { type Expression, type TeamItems, setAll, versionIs } from "./dynamo-item.ts"
import type { Acquisition, Store } from "./store.ts"

type ControlStore = Pick<Store, "acquire" | "beginLook" | "changeControl" | "readControl" | "announceRules">

export function turnStore(items: TeamItems): ControlStore & Pick<Store, "readWatch" | "writeWatch"> {
  return { ...controlStore(items), ...watchStore(items) }
}

function controlStore(items: TeamItems): ControlStore {
  async function readControl(): Promise<Control | null> {
    const item = await items.read("CONTROL")
    return item && unpackControl(PackedControl.parse(item))
  }

  return {
    acquire: async (options) => {
      const { now, gateMs } = options
      const { done, item } = await items.update("CONTROL", acquisition(options))
      // Some stand-ins for DynamoDB do not return the item that failed the condition.
      const control = item
        ? unpackControl(PackedControl.parse(item))
        : ((await readControl()) ?? FIRST_CONTROL)
      if (done) return { kind: "acquired", control }
      return { kind: "refused", why: refusalOf(control, { now, gateMs }) ?? "early", control }
    },

    beginLook: async (known, { now, change }) => {
      const next = { ...packChange(change), fence: known.fence + 1 }
      const { done, item } = await items.update("CONTROL", {
        ...setAll(next, {
          names: ["fence", "lease", "rulesChanged"],
          values: { known: known.fence, now, edited: known.rulesChangedAt, never: 0 },
        }),
        ConditionExpression:
          "#fence = :known AND (attribute_not_exists(#lease) OR #lease <= :now) AND " +
          "(#rulesChanged = :edited OR (attribute_not_exists(#rulesChanged) AND :edited = :never))",
      })
      return done && item ? unpackControl(PackedControl.parse(item)) : null
    },

    changeControl: async (fence, change) => {
      const { done } = await items.update("CONTROL", {
        ...setAll(packChange(change), { names: ["fence"], values: { fence } }),
        ConditionExpression: "#fence = :fence",
      })
      return done
    },

    readControl,

    announceRules: async (now) => {
      await items.update("CONTROL", {
        UpdateExpression: "SET #rulesChanged = :now",
        ExpressionAttributeNames: { "#rulesChanged": "rulesChanged" },
        ExpressionAttributeValues: marshall({ ":now": now }),
      })
    },
  }
}

/** Raises the fence and closes the gate, unless a lease or a closed gate stands in the way. */
function acquisition({ now, gateMs, since, completedAt = null }: Acquisition): Expression {
  const { leaseMax, nextMax } = latestHolds({ now, gateMs })
  return {
    UpdateExpression:
      `SET ${completedAt === null ? "" : "#done = :done, "}` +
      "#next = :next, #polled = :now, #since = if_not_exists(#since, :since) ADD #fence :one",
    ConditionExpression:
      "(attribute_not_exists(#lease) OR NOT #lease BETWEEN :soon AND :leaseMax) AND " +
      "(attribute_not_exists(#next) OR NOT #next BETWEEN :soon AND :nextMax)",
    ExpressionAttributeNames: {
      "#next": "next",
      "#polled": "polled",
      "#since": "since",
      "#fence": "fence",
      "#lease": "lease",
      ...(completedAt !== null && { "#done": "done" }),
    },
    ExpressionAttributeValues: marshall({
      ":now": now,
      // A lease or a gate that ends now has ended.
      ":soon": now + 1,
      ":leaseMax": leaseMax,
      ":nextMax": nextMax,
      ":next": now + gateMs,
      ":since": since,
      ":one": 1,
      ...(completedAt !== null && { ":done": completedAt }),
    }),
  }
}

function watchStore(items: TeamItems): Pick<Store, "readWatch" | "writeWatch"> {
  return {
    readWatch: async () => {
      const item = await items.read("WATCH")
      return item ? unpackWatch(PackedWatch.parse(item)) : EMPTY_WATCH
    },

    writeWatch: async (watch) => {
      const packed = packWatch(watch)
      if (await items.put({ sk: "WATCH", ...packed }, versionIs(watch.version - 1))) return true
      // An SDK retry also ends up here after its own first try; an identical write by someone else is equally fine.
      const item = await items.read("WATCH")
      return item !== null && isSameJson(PackedWatch.parse(item), packed)
    },
  }
}
