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

test("results come in the order of the tasks, from other processes, whatever the numbers", async () => {
  const numbers = [3, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-320]
  const { results, done } = run(numbers.map((number) => ({ number })))
  const answers = await results
  expect(answers.map(({ number }) => number)).toEqual(numbers)
  expect(answers.map(({ pid }) => pid)).not.toContain(process.pid)
  expect(done).toHaveLength(numbers.length)
})

test("what a task says meanwhile is heard with its name", async () => {
  const { results, heard } = run([{ number: 1, act: "report" }, { number: 2 }, { number: 3, act: "report" }])
  await results
  expect(heard).toHaveLength(2)
  expect(heard).toEqual(
    expect.arrayContaining([
      [1, 0.5],
      [3, 1.5],
    ]),
  )
})

test("a task that throws, or whose process dies, fails all by its name", async () => {
  await expect(run([{ number: 1 }, { number: 7, act: "throw" }]).results).rejects.toThrow(
    /The task \{"number":7,"act":"throw"\} was not done. TypeError: 7 is too much/,
  )
  await expect(run([{ number: 1 }, { number: 8, act: "die" }, { number: 2 }]).results).rejects.toThrow(
    /The task \{"number":8,"act":"die"\} was not done. .*exited unexpectedly/,
  )
})
