/** A Slack app's message says what is known by now, also of what is sent to nobody; and no edit costs an alert. */
import type { Rule } from "@earshot/core/rule/rule"
import { NO_DIGESTS } from "@earshot/core/alert/digest"
import { acknowledged } from "@earshot/core/alert/acknowledgement"
import { MINUTE, SECOND } from "@earshot/core/instant"
import { createSlackAppChannel } from "@earshot/io/channel/slack-app"
import { expect, test } from "vitest"
import * as z from "zod"
import { CALM, START, type TestWorld, addressOf, callAt, createTestWorld } from "./test-world.ts"

const GATE = 20 * SECOND

type Posted = { method: string; at: number; ts: string; text: string }

/** A world whose only channel is a Slack app, and what Slack was asked. `failing`: the methods that it refuses. */
function createAppWorld(digestFrom = NO_DIGESTS) {
  const test = createTestWorld()
  const posted: Posted[] = []
  const failing = new Map<string, string>()
  const { fetch } = test.world
  test.world.fetch = async (input, init) => {
    if (!addressOf(input).startsWith("https://slack.com/api/")) return fetch(input, init)
    const method = addressOf(input).split("/").at(-1) ?? ""
    const text = await new Request(input, init).text()
    const parameters = JSON.parse(text)
    const ts = parameters.ts ?? `${posted.length}.1`
    posted.push({ method, at: test.world.now(), ts, text })
    const error = failing.get(method)
    return Response.json(error ? { ok: false, error } : { ok: true, ts })
  }
  const settings = { id: "app", privacy: "standard", botToken: "xoxb-1", slackChannelId: "C012345" } as const
  test.setup.channels = [{ ...createSlackAppChannel(test.world, settings), digestFrom }]
  return { test, posted, failing }
}

const rule = (
  id: string,
  severity: Rule["severity"],
  when: Rule["when"],
  more: Partial<Rule> = {},
): Rule => ({
  id,
  name: `Rule ${id}`,
  mode: "live",
  severity,
  when,
  settle: "PT30M",
  version: 1,
  updatedAt: null,
  isDeleted: false,
  ...more,
})

async function withRules(test: TestWorld, ...rules: Rule[]): Promise<void> {
  const off = ["angry-caller", "low-score", "flagged", "transferred"].map((id) =>
    rule(id, "info", {}, { mode: "off" }),
  )
  for (const one of [...off, ...rules]) await test.store.writeRule(one)
}

test("a reason that is no worse is sent to nobody, and the first message then says it, at the channel's pace", async () => {
  const { test, posted } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }), rule("mild", "info", { spam: true }))
  const ids = ["a", "b", "c"]
  for (const id of ids) test.book.add(callAt(id, 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  expect(posted.map(({ method }) => method)).toEqual(Array(3).fill("chat.postMessage"))
  for (const id of ids) test.book.change(id, { flagged: true, spam: true })
  await test.pollAfter(GATE)
  const edits = posted.slice(3)
  expect(edits.map(({ method }) => method)).toEqual(Array(3).fill("chat.update"))
  expect(edits.map(({ ts }) => ts).sort()).toEqual(["0.1", "1.1", "2.1"])
  for (const { text } of edits) expect(text).toMatch(/Rule bad.*Rule mild|Rule mild.*Rule bad/)
  const gaps = posted.slice(1).map(({ at }, index) => at - (posted[index]?.at ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND)
  await test.pollAfter(GATE)
  expect(posted).toHaveLength(6)
})

test("what is not true any more is marked in the first message, and the colour is of what still is", async () => {
  const { test, posted } = createAppWorld()
  await withRules(
    test,
    rule("bad", "critical", { flagged: true }, { withdraw: true }),
    rule("mild", "info", { spam: true }, { withdraw: true }),
  )
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true, spam: true }))
  await test.pollAfter(0)
  test.book.change("a", { flagged: false, spam: true })
  await test.pollAfter(GATE)
  expect(posted.map(({ method, ts }) => [method, ts])).toEqual([
    ["chat.postMessage", "0.1"],
    ["chat.postMessage", "1.1"],
    ["chat.update", "0.1"],
  ])
  expect(posted[2]?.text).toMatch(/Rule bad: no longer true/)
  expect(posted[2]?.text).toMatch(/🔵/)
  test.book.change("a", { flagged: false, spam: false })
  await test.pollAfter(GATE)
  expect(posted.at(-1)).toMatchObject({ method: "chat.update", ts: "0.1" })
  expect(posted.at(-1)?.text).toMatch(
    /"text":"Withdrawn: .*Nothing: an alert of this call is not true any more/,
  )
})

test("an edit that is refused is lost, and holds up no alert", async () => {
  const { test, posted, failing } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }), rule("mild", "info", { spam: true }))
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  failing.set("chat.update", "message_not_found")
  test.book.change("a", { flagged: true, spam: true })
  await test.pollAfter(GATE)
  test.book.add(callAt("b", START - test.world.now() + 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(GATE)
  expect(posted.map(({ method }) => method)).toEqual(["chat.postMessage", "chat.update", "chat.postMessage"])
  expect((await test.store.readIncidents()).channels).toEqual({})
  expect(await test.store.readPace("app")).toMatchObject({ blockedUntil: 0 })
})

test("a digest is not changed into the message about one of its calls", async () => {
  const { test, posted } = createAppWorld(2)
  await withRules(test, rule("mild", "info", { flagged: true }), rule("bad", "critical", { spam: true }))
  for (const id of ["a", "b", "c"]) test.book.add(callAt(id, 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  expect(posted).toHaveLength(1)
  test.book.change("a", { flagged: true, spam: true })
  await test.pollAfter(GATE)
  expect(posted.map(({ method }) => method)).toEqual(["chat.postMessage", "chat.postMessage"])
})

/** As the HTTP API writes it. */
async function say(test: TestWorld, callId: string, verdict: "bad" | "fine" | null): Promise<void> {
  const stored = await test.store.readCall(callId)
  if (!stored) throw new Error("There is no record.")
  const now = test.world.now()
  const said = verdict && { by: "Ann <!channel>", note: null, verdict }
  await test.store.writeCall(acknowledged(stored.value, said, now), stored.version)
  await test.store.announceDue(now)
}

test("what people say of an alert is in its message within a poll, once, and so is that they take it back", async () => {
  const { test, posted } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }))
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  await say(test, "a", "fine")
  await test.pollAfter(GATE)
  expect(posted.slice(1)).toMatchObject([{ method: "chat.update", ts: "0.1" }])
  expect(posted[1]?.text).toMatch(/Acknowledged: by Ann <!channel>, .*: a false alarm/)
  // Whatever people are called, it means nothing to Slack.
  const { blocks } = z
    .object({ blocks: z.array(z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(posted[1]?.text ?? ""))
  const mrkdwn = JSON.stringify(blocks).match(/\{"type":"mrkdwn"[^}]*\}/g) ?? []
  expect(mrkdwn.join()).not.toContain("<!channel>")
  await test.pollAfter(GATE)
  expect(posted).toHaveLength(2)
  expect(await test.store.dueCalls(10)).toEqual([])
  await say(test, "a", null)
  await test.pollAfter(GATE)
  expect(posted.slice(2)).toMatchObject([{ method: "chat.update", ts: "0.1" }])
  expect(posted[2]?.text).not.toContain("Acknowledged")
})

test("a judgement after it keeps what people said, and a new reason is told beside it", async () => {
  const { test, posted } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }), rule("worse", "critical", { spam: true }))
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  await say(test, "a", "bad")
  test.book.change("a", { flagged: true, spam: true })
  await test.pollAfter(GATE)
  const record = (await test.store.readCall("a"))?.value
  expect(record).toMatchObject({
    acknowledgement: { verdict: "bad" },
    alert: { reasons: [{}, { ruleId: "worse" }] },
  })
  expect(posted.filter(({ method }) => method === "chat.postMessage")).toHaveLength(2)
  expect(posted.at(-1)?.text).toContain("Acknowledged: by Ann")
})

test("while Slack fails, a message is behind and is brought up to date later; one that is gone is let be", async () => {
  const { test, posted, failing } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }))
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  failing.set("chat.update", "internal_error")
  await say(test, "a", "bad")
  await test.pollAfter(GATE)
  expect(await test.store.dueCalls(10)).toMatchObject([{ callId: "a", pending: 0 }])
  failing.clear()
  await test.pollAfter(31 * MINUTE)
  expect(posted.at(-1)?.text).toContain("Acknowledged")
  expect(await test.store.dueCalls(10)).toEqual([])
  failing.set("chat.update", "message_not_found")
  await say(test, "a", "fine")
  await test.pollAfter(GATE)
  expect(await test.store.dueCalls(10)).toEqual([])
})

test("a message leads to where its alert is acknowledged, and so does what is made of it; without an address none does", async () => {
  const { test, posted } = createAppWorld()
  await withRules(test, rule("bad", "warning", { flagged: true }))
  test.book.add(callAt("a", 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(0)
  expect(posted[0]?.text).not.toContain("Acknowledge")
  test.setup.channels = test.setup.channels.map((channel) => ({
    ...channel,
    acknowledgeUrl: ({ callId, privacy }) => `https://earshot.example/acknowledge/${privacy}-${callId}`,
  }))
  test.book.add(callAt("b", START - test.world.now() + 70_000, { ...CALM, flagged: true }))
  await test.pollAfter(GATE)
  expect(posted[1]?.text).toContain("<https://earshot.example/acknowledge/standard-b|Acknowledge>")
  await say(test, "b", "bad")
  await test.pollAfter(GATE)
  expect(posted[2]).toMatchObject({ method: "chat.update", ts: "1.1" })
  expect(posted[2]?.text).toContain("<https://earshot.example/acknowledge/standard-b|Acknowledge>")
})
