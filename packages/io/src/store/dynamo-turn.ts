/** What one turn leaves to the next, on DynamoDB: the poller's state and the watch. */
import { marshall } from "@aws-sdk/util-dynamodb"
import { isSameJson } from "@earshot/core/json"
import { type Control, FIRST_CONTROL } from "@earshot/core/turn/control"
import { latestHolds, refusalOf } from "@earshot/core/turn/gate"
import { packPolls } from "@earshot/core/turn/past-poll"
import { PackedControl, packChange, unpackControl } from "@earshot/core/turn/packed-control"
import { PackedWatch, packWatch, unpackWatch } from "@earshot/core/watch/packed-watch"
import { EMPTY_WATCH } from "@earshot/core/watch/watch"
import type { World } from "../world.ts"
import {
  type Expression,
  type TeamItems,
  setAll,
  versionIn,
  versionIsOrDamaged,
  writerMark,
} from "./dynamo-item.ts"
import type { Acquisition, Store } from "./store.ts"

type ControlStore = Pick<
  Store,
  "acquire" | "beginLook" | "changeControl" | "readControl" | "announceRules" | "announceDue"
>

export function turnStore(
  items: TeamItems,
  world: World,
): ControlStore & Pick<Store, "readWatch" | "writeWatch"> {
  return { ...controlStore(items, world), ...watchStore(items) }
}

function controlStore(items: TeamItems, world: World): ControlStore {
  const readControl = async () => controlIn(await items.read("CONTROL"))

  /** The state after a write, or the one that refused it. `done`, too, if it was this very write whose answer was lost. */
  async function update(
    expression: Expression,
    by: string,
  ): Promise<{ done: boolean; control: Control | null }> {
    const written = await items.update("CONTROL", expression)
    // Some stand-ins for DynamoDB do not return the item that failed the condition.
    const item = written.item ?? (await items.read("CONTROL"))
    return { done: written.done || item?.["by"] === by, control: controlIn(item) }
  }

  return {
    acquire: async (options) => {
      const { now, gateMs } = options
      const by = writerMark(world)
      const { done, control: stored } = await update(acquisition(options, by), by).catch(async (error) => {
        if (!(await repairFence(items, error))) throw error
        return update(acquisition(options, by), by)
      })
      const control = stored ?? FIRST_CONTROL
      if (done) return { kind: "acquired", control }
      return { kind: "refused", why: refusalOf(control, { now, gateMs }) ?? "early", control }
    },

    beginLook: async (known, { now, change }) => {
      const by = writerMark(world)
      const next = { ...packChange(change), fence: known.fence + 1, by }
      const expression = {
        ...setAll(next, {
          names: ["fence", "lease", "rulesChanged"],
          values: { known: known.fence, now, edited: known.rulesChangedAt, never: 0 },
        }),
        ConditionExpression:
          "#fence = :known AND (attribute_not_exists(#lease) OR #lease <= :now) AND " +
          "(#rulesChanged = :edited OR (attribute_not_exists(#rulesChanged) AND :edited = :never))",
      }
      const { done, control } = await update(expression, by)
      return done ? control : null
    },

    changeControl: async (fence, change) => {
      const { done } = await items.update("CONTROL", {
        ...setAll(packChange(change), { names: ["fence"], values: { fence } }),
        ConditionExpression: "#fence = :fence",
      })
      return done
    },

    readControl,

    announceRules: (now) => announce(items, "rulesChanged", now),

    announceDue: (now) => announce(items, "dueAsked", now),
  }
}

/** Whatever turn there is: none of them changes this attribute. */
async function announce(items: TeamItems, name: string, now: number): Promise<void> {
  await items.update("CONTROL", {
    UpdateExpression: "SET #name = :now",
    ExpressionAttributeNames: { "#name": name },
    ExpressionAttributeValues: marshall({ ":now": now }),
  })
}

function controlIn(item: Record<string, unknown> | null): Control | null {
  return item && unpackControl(PackedControl.parse(item))
}

/** A number that is none cannot be raised, which would stop every poll. False if that is not what is wrong. */
async function repairFence(items: TeamItems, error: unknown): Promise<boolean> {
  if (!(error instanceof Error) || error.name !== "ValidationException") return false
  const { ring } = controlIn(await items.read("CONTROL")) ?? FIRST_CONTROL
  const { done } = await items.update("CONTROL", {
    UpdateExpression: "SET #fence = :fence",
    ConditionExpression: "attribute_exists(#fence) AND NOT attribute_type(#fence, :number)",
    ExpressionAttributeNames: { "#fence": "fence" },
    // Polls since then are not counted: at most those of an hour.
    ExpressionAttributeValues: marshall({ ":fence": ring.fence, ":number": "N" }),
  })
  return done
}

/** Raises the fence and closes the gate, unless a lease or a closed gate stands in the way. */
function acquisition(
  { now, gateMs, since, completedAt = null, polls = null }: Acquisition,
  by: string,
): Expression {
  const { leaseMax, nextMax } = latestHolds({ now, gateMs })
  return {
    UpdateExpression:
      `SET #by = :by, ${completedAt === null ? "" : "#done = :done, "}${polls === null ? "" : "#log = :log, "}` +
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
      "#by": "by",
      ...(completedAt !== null && { "#done": "done" }),
      ...(polls !== null && { "#log": "log" }),
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
      ":by": by,
      ...(completedAt !== null && { ":done": completedAt }),
      ...(polls !== null && { ":log": packPolls(polls) }),
    }),
  }
}

function watchStore(items: TeamItems): Pick<Store, "readWatch" | "writeWatch"> {
  return {
    readWatch: async () => {
      const item = await items.read("WATCH")
      return item ? watchIn(item) : EMPTY_WATCH
    },

    writeWatch: async (watch) => {
      const packed = packWatch(watch)
      if (await items.put({ sk: "WATCH", ...packed }, versionIsOrDamaged(watch.version - 1))) return true
      // An SDK retry also ends up here after its own first try; an identical write by someone else is equally fine.
      const item = await items.read("WATCH")
      return isSameJson(PackedWatch.safeParse(item).data, packed)
    },
  }
}

/** An empty watch if what is stored is damaged, or in a format that is not known yet. */
function watchIn(item: Record<string, unknown>): Awaited<ReturnType<Store["readWatch"]>> {
  try {
    return unpackWatch(PackedWatch.parse(item))
  } catch {
    return { ...EMPTY_WATCH, version: versionIn(item), isDamaged: true }
  }
}
