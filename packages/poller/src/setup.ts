/** What turns work with: the settings of the deployment, and those of one turn. */
import type { CallsApi } from "@earshot/calls-api/client"
import type { Recipient } from "@earshot/core/alert/routing"
import { LOOKS_MAX } from "@earshot/core/detail/look"
import type { CompiledRule } from "@earshot/core/rule/rule"
import type { Limits } from "@earshot/core/turn/budget"
import type { Deployed } from "./memory/channel-memory.ts"
import type { Memory } from "./memory/memory.ts"
import type { Turn } from "./turn.ts"

export type PollSetup = Deployed & {
  api: CallsApi
  limits: Limits
  /** How far before the very first poll a call may have started and still raise an alert. */
  lookbackMs: number
}

/** How much a turn may take on. */
export type Appetite = {
  /** Pages of a backlog, and whether older calls are read again. */
  pages: number
  mayReread: boolean
  /** Calls that are judged: they have to be kept within the turn's time. */
  calls: number
  details: number
}

export const FULL_APPETITE: Appetite = { pages: 6, mayReread: true, calls: 600, details: LOOKS_MAX }

/** After a poll that died, take only this much: if this one dies too, the next begins again with the oldest. */
export const SMALL_APPETITE: Appetite = { pages: 1, mayReread: false, calls: 140, details: LOOKS_MAX }

/** What the calls of one turn are examined with. */
export type Setting = {
  api: CallsApi
  rules: readonly CompiledRule[]
  channels: readonly Recipient[]
  memory: Memory
  turn: Turn
  /** No other process has had a turn since the last one of this: there are no records but those it knows of. */
  isUninterrupted: boolean
  appetite: Appetite
}
