/** The report of a turn, completed by how Earshot is doing as the memory knows it when the turn ends. */
import type { Memory } from "./memory/memory.ts"
import type { PollReport } from "./report.ts"
import type { Turn } from "./turn.ts"
import { rememberedVitals } from "./vital.ts"

export function withVitals(
  { turn: memory, watch: { watch } }: Pick<Memory, "turn" | "watch">,
  { control, startedAt }: Pick<Turn, "control" | "startedAt">,
  report: PollReport,
): PollReport {
  const { isComplete, pending, durationMs } = report
  const { completedAt } = control
  const now = startedAt + durationMs
  const remembered = rememberedVitals(memory, watch, { completedAt, pending }, { isComplete, now })
  return { ...report, vitals: { ...report.vitals, ...remembered } }
}
