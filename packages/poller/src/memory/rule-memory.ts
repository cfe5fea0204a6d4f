/** The rules in force, compiled, while no edit can have been made since they were read. */
import type { Instant } from "@earshot/core/instant"
import { rulesInForce } from "@earshot/core/rule/default-rule"
import { type CompiledRule, compileRules, isJudgeable, isReadable } from "@earshot/core/rule/rule"
import type { Control } from "@earshot/core/turn/control"
import { RULES_EDIT_MS } from "@earshot/core/turn/gate"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"

export type RuleMemory = { rules: (LastRead & { compiled: readonly CompiledRule[] }) | null }

/** When something that people edit was read, by a clock that may have been wrong, and when an edit had last been announced by then. */
export type LastRead = { readAt: Instant; changedAt: Instant }

/** Whether no edit was announced since. It is made within a minute of that. */
export function isUnedited({ changedAt }: LastRead, { rulesChangedAt }: Control): boolean {
  return changedAt === rulesChangedAt
}

/** The rules in force, if those in memory are surely current: they were read well after the last edit was announced. */
export function rememberedRules({ rules }: RuleMemory, control: Control): readonly CompiledRule[] | null {
  const isCurrent =
    rules && isUnedited(rules, control) && rules.readAt > control.rulesChangedAt + RULES_EDIT_MS
  return isCurrent ? rules.compiled : null
}

/** The rules in force. An edit is announced before it is made. */
export async function recallRules(
  world: World,
  store: Store,
  memory: RuleMemory,
  control: Control,
): Promise<readonly CompiledRule[]> {
  const known = rememberedRules(memory, control)
  if (known) return known
  const readAt = world.now()
  const stored = await store.readRules()
  for (const rule of stored) {
    if (isReadable(rule) && (rule.isDeleted || isJudgeable(rule))) continue
    world.log({ level: "error", event: "rule.unreadable", ruleId: rule.id })
  }
  const compiled = compileRules(rulesInForce(stored))
  memory.rules = { readAt, changedAt: control.rulesChangedAt, compiled }
  return compiled
}
