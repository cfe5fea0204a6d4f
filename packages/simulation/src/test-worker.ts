/** For tests: a process of the pool that does as it is told. */
export type TestTask = { number: number; act?: "report" | "throw" | "die" }

export function work({ number, act }: TestTask): { number: number; pid: number } {
  if (act === "report") process.send?.(number / 2)
  if (act === "throw") throw new TypeError(`${number} is too much`)
  if (act === "die") process.exit(3)
  return { number, pid: process.pid }
}
