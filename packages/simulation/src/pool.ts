/**
 * Work in processes beside this one: as many as there are processors, each with one task at a time. Processes and not
 * threads, because the processor time that a task takes is measured for the whole process.
 */
import { availableParallelism } from "node:os"
import { env } from "node:process"
import { Tinypool } from "tinypool"
import * as z from "zod"

/** The error of a task arrives as the plain values that it was sent as. */
const Failure = z.object({ message: z.string(), stack: z.string().optional() })

/**
 * The results in the order of the tasks, which are begun in that order too. Rejects with the first task that throws or
 * whose process dies, and ends the others.
 */
export async function runInProcesses<Task extends object, Result>(options: {
  /** A module that exports `work(task)`. What it says meanwhile, by `process.send`, goes to `heard`. */
  worker: URL
  tasks: readonly Task[]
  heard?: (task: Task, message: unknown) => void
  done: (task: Task, result: Result) => void
}): Promise<Result[]> {
  const { worker, tasks, heard, done } = options
  const count = Math.max(1, Math.min(availableParallelism(), tasks.length))
  const pool = new Tinypool({
    runtime: "child_process",
    filename: worker.href,
    name: "work",
    minThreads: count,
    maxThreads: count,
    execArgv: ["--import", "tsx"],
    // Otherwise a process would begin with an empty environment.
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    // JSON has no NaN, no Infinity and no -0.
    serialization: "advanced",
  })
  try {
    return await Promise.all(
      tasks.map(async (task) => {
        const channel = { postMessage: (message: unknown) => heard?.(task, message) }
        const result: Result = await pool.run(task, { channel }).catch((error: unknown) => {
          throw failureOf(task, error)
        })
        done(task, result)
        return result
      }),
    )
  } finally {
    await pool.destroy()
  }
}

function failureOf(task: object, error: unknown): Error {
  const { success, data } = Failure.safeParse(error)
  const why = success ? (data.stack ?? data.message) : String(error)
  return new Error(`The task ${JSON.stringify(task)} was not done. ${why}`)
}
