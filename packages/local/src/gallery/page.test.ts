/** The gallery shows every kind of message as people get it: nothing is lost, and what a caller said is never markup. */
import { CHANNEL_IDS, Privacy } from "@earshot/core/channel/channel"
import { emailBulletin, slackBulletin } from "@earshot/core/message/bulletin"
import { emailOf } from "@earshot/core/message/email"
import { composeMessage, endedAt } from "@earshot/core/message/message"
import { type SlackPayload, slackPayload } from "@earshot/core/message/slack"
import { checkPayload } from "@earshot/emulators/slack-payload"
import { describe, expect, test } from "vitest"
import { piecesOf } from "../slack-block.ts"
import { BULLETIN_SAMPLES } from "./bulletin-sample.ts"
import { bulletinDrawing, galleryPage, messageDrawing, pictureOf } from "./page.ts"
import { LINKS, SAMPLES, SHOWN_KIND, type GallerySample } from "./sample.ts"

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }

/** What a browser shows of it, with every space alike. */
function shownText(html: string): string {
  return html
    .replace(/<[^<>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/\s+/g, " ")
}

function textsOf({ blocks }: SlackPayload) {
  return blocks.flatMap((block) =>
    "elements" in block ? block.elements : "fields" in block ? block.fields : [block.text],
  )
}

function messageOf({ record, mayRepeat, given, taken }: GallerySample, privacy: Privacy) {
  const telling = { privacy, mayRepeat, given, taken, ...LINKS }
  const message = composeMessage(record, telling)
  if (!message) throw new Error("There is no message.")
  return message
}

/** What people see of a sample, in all channels, at one privacy level. */
async function seen(kind: string, privacy: Privacy): Promise<string> {
  const sample = SAMPLES.find((one) => one.kind === kind)
  if (!sample) throw new Error("There is no such kind.")
  const drawn = CHANNEL_IDS.map(async (channel) => String(await messageDrawing(sample, channel, privacy)))
  return shownText((await Promise.all(drawn)).join(" "))
}

const everyCase = SAMPLES.flatMap((sample) =>
  Privacy.options.map((privacy) => ({ kind: sample.kind, privacy, sample })),
)

describe.each(everyCase)("$kind at $privacy", ({ sample, privacy }) => {
  test("shows all that Slack is sent, which Slack accepts", async () => {
    const payload = slackPayload(messageOf(sample, privacy), endedAt(sample.record))
    expect(checkPayload(payload)).toMatchObject({ ok: true })
    const shown = shownText(String(await messageDrawing(sample, "slack", privacy)))
    for (const text of textsOf(payload)) {
      for (const piece of piecesOf(text)) {
        if (piece.kind !== "date") expect(shown).toContain(piece.text.replace(/\s+/g, " ").trim())
      }
    }
  })

  test("shows the whole e-mail", async () => {
    const { subject, body } = emailOf(messageOf(sample, privacy))
    const shown = shownText(String(await messageDrawing(sample, "email", privacy)))
    expect(shown).toContain(subject)
    expect(shown).toContain(body.replace(/\s+/g, " "))
  })

  test("shows no more of the caller than the level allows", async () => {
    const shown = await seen(sample.kind, privacy)
    if (privacy === "minimal") expect(shown).not.toMatch(/1971|Hollis|Thandi|evil|pbx/)
    if (privacy !== "full") expect(shown).not.toMatch(/017|ridiculous|recordings\.example|pbx/)
  })
})

describe("the samples", () => {
  test.each([
    ["For information", /🔵.*Info: /],
    ["Warning", /🟠.*Warning: /],
    ["Critical", /🔴.*Critical: /],
    ["Follow-up", /Follows: the alert of 22:34 UTC \(Transferred\)/],
    ["Possible repeat", /may be a repeat/],
    ["Many reasons", /Angry caller, Flagged, Low score/],
    ["In progress", /still in progress/],
    ["Outgoing call", /Called: …1971/],
    ["Number withheld", /Caller: number withheld/],
    ["Little is known", /The call was flagged\..*• Flagged/],
  ])("%s is what its name says", async (kind, text) => {
    expect(await seen(kind, "standard")).toMatch(text)
  })

  test("Hostile text is what its name says, and is not shown where it may give somebody away", async () => {
    const hostile = /<!channel> <@U123> .*<script>alert\(1\)<\/script>/
    expect(await seen("Hostile text", "full")).toMatch(hostile)
    expect(await seen("Hostile text", "standard")).not.toMatch(/<!channel>|alert\(1\)/)
  })

  test("are all of them named here", () => {
    expect(SAMPLES.map(({ kind }) => kind)).toContain(SHOWN_KIND)
    expect(SAMPLES).toHaveLength(13)
    expect(new Set(SAMPLES.map(pictureOf)).size).toBe(SAMPLES.length)
  })

  test("match all the rules that they are meant to match", () => {
    for (const { record, taken } of SAMPLES.filter((sample) => !sample.record.isTest)) {
      const truth = taken === undefined ? "true" : "false"
      expect(record.verdicts.map((verdict) => verdict.truth)).toEqual(record.verdicts.map(() => truth))
      expect(record.alert?.reasons).toHaveLength(record.verdicts.length)
    }
  })

  test("have numbers that nobody has, and addresses that lead nowhere", () => {
    const text = JSON.stringify(SAMPLES)
    for (const [number] of text.matchAll(/\+\d{11}/g)) expect(number).toMatch(/^\+1555/)
    for (const [, host] of text.matchAll(/https:\/\/([^/|"]+)/g)) expect(host).toMatch(/\.example$/)
  })
})

describe.each(BULLETIN_SAMPLES.flatMap((sample) => Privacy.options.map((privacy) => ({ sample, privacy }))))(
  "$sample.kind at $privacy",
  ({ sample, privacy }) => {
    const bulletin = sample.bulletin(privacy)
    const drawn = async (kind: "slack" | "email") =>
      shownText(String(await bulletinDrawing(sample, kind, privacy)))

    test("shows all that Slack is sent, which Slack accepts, and the whole e-mail", async () => {
      const payload = slackBulletin(bulletin)
      expect(checkPayload(payload)).toMatchObject({ ok: true })
      const slack = await drawn("slack")
      for (const { text } of textsOf(payload)) {
        if (!text.startsWith("*")) expect(slack).toContain(text.replace(/\s+/g, " ").trim())
      }
      const { subject, body } = emailBulletin(bulletin)
      const mail = await drawn("email")
      expect(mail).toContain(subject)
      expect(mail).toContain(body.replace(/\s+/g, " "))
    })

    test("shows no more of the callers than the level allows", async () => {
      const shown = `${await drawn("slack")} ${await drawn("email")}`
      if (privacy === "minimal") expect(shown).not.toMatch(/1971|Hollis|Thandi/)
      if (privacy !== "full") expect(shown).not.toMatch(/017|ridiculous|recordings\.example/)
    })
  },
)

describe("the page", () => {
  test("has a part for every kind, with every channel at every level, and the message in the README", async () => {
    const page = await galleryPage()
    for (const sample of SAMPLES) expect(page).toContain(`<article id="${pictureOf(sample)}">`)
    expect(page.match(/<section>/g)).toHaveLength(
      (SAMPLES.length + BULLETIN_SAMPLES.length) * CHANNEL_IDS.length * Privacy.options.length,
    )
    expect(page).toContain('<div id="alert">')
  })

  test("has no markup but its own, and asks for nothing", async () => {
    const page = await galleryPage()
    expect(page).toContain("default-src 'none'")
    const tags = new Set([...page.matchAll(/<\/?([a-z]\w*)/gi)].map(([, tag = ""]) => tag.toLowerCase()))
    for (const tag of ["script", "img", "iframe", "object", "base"]) expect(tags).not.toContain(tag)
    expect(page).not.toMatch(/@import|@font-face|url\(/)
    for (const [, url] of page.matchAll(/href="([^"]*)"/g))
      expect(url).toMatch(/^https:\/\/(?:recordings|calls|earshot)\.example\//)
  })

  test("is the same whenever it is drawn", async () => {
    expect(await galleryPage()).toBe(await galleryPage())
  })
})
