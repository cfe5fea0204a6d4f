/**
 * Lambda itself around the runtime client: starts a process where none is idle, refuses what is beyond a function's concurrency, and
 * counts what CloudWatch shows under AWS/Lambda. `at` is whenever the test says that it is.
 */
import type { Answer, Lambda } from "./runtime.ts"

export type Counted = {
  metric: "Invocations" | "Errors" | "Throttles"
  at: number
  value: number
}

export type Service = {
  /** "refused": with as many invocations under way as there may be, which is a 429 and no invocation. */
  invoke: (event: unknown, at: number) => Promise<Answer | "died" | "refused">
  counted: Counted[]
}

export function createService(start: () => Promise<Lambda>, concurrencyMax: number): Service {
  const counted: Counted[] = []
  const idle: Lambda[] = []
  let running = 0
  return {
    counted,
    async invoke(event, at) {
      const isRefused = running === concurrencyMax
      counted.push({ metric: "Throttles", at, value: Number(isRefused) })
      if (isRefused) return "refused"
      running++
      try {
        const lambda = idle.pop() ?? (await start())
        const answer = await lambda.ask(event)
        if (answer !== "died") idle.push(lambda)
        const hasFailed = answer === "died" || answer.kind === "error"
        counted.push(
          { metric: "Invocations", at, value: 1 },
          { metric: "Errors", at, value: Number(hasFailed) },
        )
        return answer
      } finally {
        running--
      }
    },
  }
}
