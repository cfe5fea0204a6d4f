/** `npm test` runs its steps beside each other: what is printed, what fails, and what a signal ends. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { type Socket, createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, test } from "vitest"

const LANES = new URL("../scripts/lanes.mjs", import.meta.url).href

/** What a step runs: a command, or a text for Node. */
type Step = [name: string, program: string | string[]]

/** Runs the lanes in a process of its own, as `npm test` does. `said` has what was printed so far. */
function runLanes(lanes: Step[][]) {
  const asked = lanes.map((lane) =>
    lane.map(([name, program]) => ({
      name,
      command: typeof program === "string" ? [process.execPath, "-e", program] : program,
    })),
  )
  const main = `import { runLanes } from ${JSON.stringify(LANES)}
    process.exit((await runLanes(${JSON.stringify(asked)}, { env: process.env })) ? 0 : 1)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", main])
  const chunks: string[] = []
  child.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  return { child, ended, said: () => chunks.join("") }
}

/** Says that it is there, waits until `other` is, and says so. */
function meet(folder: string, name: string, other: string): string {
  const file = (who: string) => JSON.stringify(path.join(folder, who))
  return `const { existsSync, writeFileSync } = require("node:fs")
    console.log("${name} is there")
    writeFileSync(${file(name)}, "")
    const waiting = setInterval(() => {
      if (!existsSync(${file(other)})) return
      console.log("${name} met ${other}")
      clearInterval(waiting)
    }, 10)`
}

test("lanes run beside each other, and what a step says is printed whole", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "lanes-"))
  const { ended, said } = runLanes([
    [["left", meet(folder, "left", "right")]],
    [["right", meet(folder, "right", "left")]],
  ])
  expect(await ended).toBe(0)
  expect(said()).toMatch(/── left: well after \d+ s ──\nleft is there\nleft met right\n/)
  expect(said()).toMatch(/── right: well after \d+ s ──\nright is there\nright met left\n/)
  expect(said()).toMatch(/All is well: left, right\.\n$/)
  rmSync(folder, { recursive: true })
})

test("a step that fails is named, ends its lane and fails the whole, but not the other lanes", async () => {
  const { ended, said } = runLanes([
    [
      ["broken", `console.error("why"); process.exit(3)`],
      ["next", `console.log("never")`],
    ],
    [["other", `console.log("other was run")`]],
  ])
  expect(await ended).toBe(1)
  expect(said()).toMatch(/── broken: FAILED \(3\) after \d+ s ──\nwhy\n/)
  expect(said()).toContain("other was run")
  expect(said()).not.toContain("never")
  expect(said()).toMatch(/Failed: broken\. Not run: next\.\n$/)
})

test("a program that is not there is a failure", async () => {
  const { ended, said } = runLanes([[["gone", ["no-such-program-anywhere"]]]])
  expect(await ended).toBe(1)
  expect(said()).toContain("gone: FAILED")
})

test("a signal ends every step, and what a step has started", async () => {
  // What the step starts stays until it is ended. That it runs and ends is seen at its connection.
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address ? address.port : 0
  const stays = `require("node:net").connect(${port}, "127.0.0.1")`
  const starts = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stays)}]); setInterval(() => {}, 1000)`
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve))
  const { child, ended, said } = runLanes([
    [
      ["stays", starts],
      ["next", "0"],
    ],
  ])
  const socket = await connected
  const isOver = new Promise((resolve) => socket.once("close", resolve))
  socket.on("error", () => {})
  child.kill("SIGTERM")
  expect(await ended).toBe(1)
  await isOver
  expect(said()).toMatch(/Stopped\.\n$/)
  expect(said()).not.toContain("next:")
  server.close()
})
