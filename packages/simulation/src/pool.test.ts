/** What the pool promises of tasks in other processes, whether they are done or not. */
import { expect, test } from "vitest"
import { runInProcesses } from "./pool.ts"
import type { TestTask } from "./test-worker.ts"

type Answer = { number: number; pid: number }

function run(tasks: readonly TestTask[]) {
  const heard: unknown[] = []
  const done: number[] = []
  const results = runInProcesses<TestTask, Answer>({
    worker: new URL("./test-worker.ts", import.meta.url),
    tasks,
    heard: (task, message) => heard.push([task.number, message]),
    done: (task) => done.push(task.number),
  })
  return { results, heard, done }
}

test("results come in the order of the tasks from other processes, and messages meanwhile, whatever the numbers", async () => {
  const numbers = [3, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-320]
  const { results, heard, done } = run(numbers.map((number) => ({ number, act: "report" })))
  const answers = await results
  expect(answers.map(({ number }) => number)).toEqual(numbers)
  expect(answers.map(({ pid }) => pid)).not.toContain(process.pid)
  expect(done).toHaveLength(numbers.length)
  expect(heard).toHaveLength(numbers.length)
  expect(heard).toEqual(expect.arrayContaining([[3, 1.5]]))
})

test.each([
  ["a task that throws", "throw", "TypeError: 7 is too much"],
  ["a task whose process dies", "die", "Error: Worker exited unexpectedly"],
] as const)("%s fails all, and is named", async (_, act, why) => {
  const { results } = run([{ number: 1 }, { number: 7, act }, { number: 2 }])
  await expect(results).rejects.toThrow(`The task {"number":7,"act":"${act}"} was not done. ${why}`)
})
