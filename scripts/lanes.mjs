/**
 * Runs steps beside each other. A lane is a list of steps, one after another until one fails; the lanes run at the same
 * time. What a step says is kept, and shown whole when the step ends, so that nothing of two steps is mixed.
 */
import { spawn } from "node:child_process"

const isWindows = process.platform === "win32"

/** How long a step may take to end once it is asked to; then it is killed. */
const GRACE_MS = 10_000

/** True if every step went well. A step is `{ name, command: [program, ...args] }`; `options` are `spawn`'s. */
export async function runLanes(lanes, options) {
  const running = new Set()
  let stopped = false
  const stop = (signal) => {
    const isSecond = stopped
    stopped = true
    const end = (how) => running.forEach((child) => killTree(child, how))
    end(isSecond ? "SIGKILL" : signal)
    setTimeout(() => end("SIGKILL"), GRACE_MS).unref()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop)

  say(`Beside each other: ${lanes.map((lane) => lane.map(({ name }) => name).join(", then ")).join("; ")}.\n`)
  const failed = []
  const skipped = []
  await Promise.all(
    lanes.map(async (lane) => {
      for (const [index, step] of lane.entries()) {
        if (stopped || (await runStep(step, options, running, () => stopped))) continue
        failed.push(step.name)
        skipped.push(...lane.slice(index + 1).map(({ name }) => name))
        return
      }
    }),
  )
  if (stopped) say("\nStopped.\n")
  else if (failed.length > 0) {
    say(`\nFailed: ${failed.join(", ")}.${skipped.length > 0 ? ` Not run: ${skipped.join(", ")}.` : ""}\n`)
  } else say(`\nAll is well: ${lanes.flatMap((lane) => lane.map(({ name }) => name)).join(", ")}.\n`)
  return !stopped && failed.length === 0
}

async function runStep({ name, command: [program, ...args] }, options, running, isStopped) {
  const startedAt = Date.now()
  // In a group of its own, so that a signal reaches the programs that it has started, and reaches each once.
  const child = spawn(program, args, {
    ...options,
    env: { ...options.env, ...(isColoured() && { FORCE_COLOR: "1" }) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: !isWindows,
  })
  running.add(child)
  const said = []
  child.stdout.on("data", (chunk) => said.push(chunk))
  child.stderr.on("data", (chunk) => said.push(chunk))
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("close", (status, signal) => resolve(status ?? signal))
  })
  running.delete(child)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const isWell = code === 0
  if (isStopped() && !isWell) return false
  say(`\n── ${name}: ${isWell ? "well" : `FAILED (${code})`} after ${seconds} s ──\n`)
  say(Buffer.concat(said))
  return isWell
}

function killTree(child, signal) {
  if (child.pid === undefined) return
  try {
    if (isWindows) spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" })
    else process.kill(-child.pid, signal)
  } catch (error) {
    // It has ended by itself in the meantime.
    if (error.code !== "ESRCH") throw error
  }
}

function isColoured() {
  return process.stdout.isTTY && !process.env.NO_COLOR
}

function say(text) {
  process.stdout.write(text)
}
