/**
 * The transcript in docs/rules.md is true: its commands are played in their order against the embedded world, and each answer has
 * what the shortened one beside it says. Times, ids and the calls that come are this run's own.
 */
import { readFileSync } from "node:fs"
import { createApi } from "@earshot/api/app"
import { createCallBook, plainCall } from "@earshot/emulators/call-book"
import { TEAM, readPollerConfig, valueOf } from "@earshot/functions/config"
import { createPoller } from "@earshot/functions/poller"
import { createDynamoClient, createDynamoStore } from "@earshot/io/store/dynamo-store"
import { createTable } from "@earshot/io/store/table"
import { realWorld } from "@earshot/io/world"
import { expect, test } from "vitest"
import { startEmbedded } from "./embedded.ts"

const RULES = readFileSync(new URL("../../../docs/rules.md", import.meta.url), "utf8")

type Step = { command: string; answer: unknown }

/** The section's commands, each with the answer below it. A block may only set a variable. */
function stepsIn(text: string): Step[] {
  const section = text.split("\n## A rule from first to last\n")[1]?.split("\n## ")[0] ?? ""
  const blocks = [...section.matchAll(/```(sh|json answer)\n([\s\S]*?)```/g)]
  return blocks.flatMap(([, kind, body = ""], index): Step[] => {
    if (kind !== "sh") return []
    const [, next, answer = ""] = blocks[index + 1] ?? []
    return [{ command: body.trim(), answer: next === "sh" || !next ? null : JSON.parse(answer) }]
  })
}

/** The words of a line as a shell reads them: quoted or not, with the variables' values. */
function wordsIn(line: string, variables: Record<string, string>): string[] {
  const valued = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? "")
  return [...line.matchAll(/(?:'[^']*'|"(?:\\"|[^"])*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"((?:\\"|[^"])*)"|([^'"]+)/g,
      (_, plain?: string, double?: string, bare = "") =>
        plain ?? valued(double === undefined ? bare : double.replaceAll('\\"', '"')),
    ),
  )
}

function requestOf(line: string, variables: Record<string, string>): [string, RequestInit] {
  const [curl, ...words] = wordsIn(line, variables)
  expect(curl).toBe("curl")
  const after = (option: string) => words[words.indexOf(option) + 1] ?? ""
  const headers = words.flatMap((word, index): [string, string][] => {
    const [name = "", value = ""] = word === "-H" ? (words[index + 1] ?? "").split(": ") : []
    return name === "" ? [] : [[name, value]]
  })
  const sent = ["-d", "--data"].find((option) => words.includes(option))
  const body = sent === undefined ? {} : { body: after(sent) }
  const method = words.includes("-X") ? after("-X") : sent === undefined ? "GET" : "POST"
  return [words.find((word) => word.startsWith("/")) ?? "", { method, headers, ...body }]
}

/** Of this run only. */
const OWN = /^(id|reference|at|raisedAt|updatedAt|startedAt|by|agent|calls|matches|seen|value|example)$/

/** What the shortened answer says and the real one does not. */
function differences(said: unknown, found: unknown, path = ""): string[] {
  if (Array.isArray(said)) {
    const items = Array.isArray(found) ? found : []
    return said.flatMap((one, index) => {
      const isLike = (other: unknown) => differences(one, other).length === 0
      return items.some(isLike) ? [] : [`${path}/${index}`]
    })
  }
  if (typeof said === "object" && said !== null) {
    const known = new Map(typeof found === "object" && found !== null ? Object.entries(found) : [])
    return Object.entries(said).flatMap(([key, value]) => {
      if (!known.has(key)) return [`${path}/${key}`]
      const isOwn = OWN.test(key) && typeof value !== "object"
      return isOwn ? [] : differences(value, known.get(key), `${path}/${key}`)
    })
  }
  const plain = (value: unknown) => (typeof value === "string" ? value.replace(/\d+/g, "0") : value)
  return plain(said) === plain(found) ? [] : [`${path} is ${String(found)}`]
}

const NO_METADATA = { callQuality: null, technicalIssues: null, usage: null, callCost: null }

/** A zone in which it is about two at night. */
function nightZone(now: Date): string {
  const ahead = (26 - now.getUTCHours()) % 24
  return ahead <= 14 ? `Etc/GMT-${ahead}` : `Etc/GMT+${24 - ahead}`
}

test("the transcript in docs/rules.md goes as it says, from a rule that is tried to an alert that is acknowledged", async () => {
  const book = createCallBook()
  const embedded = await startEmbedded({ source: book })
  try {
    Object.assign(process.env, embedded.variables)
    const settings = {
      POLL_INTERVAL_SECONDS: "0",
      FIRST_RUN_LOOKBACK: "PT1H",
      SLACK_PRIVACY: "full",
      EMAIL_PRIVACY: "full",
    }
    const config = valueOf(readPollerConfig({ ...embedded.variables, ...settings }))
    const world = realWorld(() => {})
    const client = createDynamoClient(world)
    await createTable(world, client, config.tableName)
    const store = createDynamoStore(world, client, { tableName: config.tableName, team: TEAM })
    const api = createApi(world, store, { token: "token", intervalMs: 0 })
    const poll = createPoller(world, config)
    const call = (id: string, angry: number) => {
      const [createdAt, endedAt] = [200_000, 0].map((ago) => new Date(Date.now() - ago).toISOString())
      const sentiment = { happy: 0, sad: 0, angry, neutral: 1 - angry }
      const metadata = { ...NO_METADATA, sentiment }
      book.add(
        plainCall({
          id,
          duration: 200,
          metadata,
          ...(createdAt && { createdAt }),
          ...(endedAt && { endedAt }),
        }),
      )
    }
    call("early", 0.9)
    await poll({})
    const zone = nightZone(new Date())
    const steps = stepsIn(RULES.replaceAll("America/New_York", zone))
    expect(steps).toHaveLength(13)
    const variables: Record<string, string> = { API: "", API_TOKEN: "token", OTHER: "quiet" }
    for (const { command, answer } of steps) {
      const [, name = "", value = ""] = /^(\w+)='(.*)'$/s.exec(command) ?? []
      if (name === "CALL") variables["CALL"] = "bad"
      else if (name !== "") variables[name] ??= value
      if (name !== "") continue
      const [path, init] = requestOf(command.replaceAll("\\\n", " "), variables)
      const response = await api.request(path, init)
      expect(differences(answer, await response.json()), command).toEqual([])
      // What happens while the reader waits.
      if (path === "/rules") {
        call("bad", 0.9)
        call("quiet", 0.1)
        await poll({})
      }
    }
  } finally {
    await embedded.stop()
  }
})
