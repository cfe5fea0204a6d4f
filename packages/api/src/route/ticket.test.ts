/** The page that links in messages open: only a ticket that is signed and not over opens it, and only its form changes anything. */
import { callReference } from "@earshot/core/fingerprint"
import { DAY } from "@earshot/core/instant"
import { readTicket, ticketUrl } from "@earshot/io/channel/ticket"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { storeAlert } from "../test-alert.ts"
import { type Ask, START, type TestApi, createTestApi } from "../test-api.ts"

const KEY = "0123456789abcdef".repeat(4)

const settings = { apiUrl: "https://earshot.example", keyText: KEY }

const FORM = { contentType: "application/x-www-form-urlencoded", authorization: null }

function pathOf(callId: string, privacy: "minimal" | "standard" = "standard", keyText = KEY): string {
  const url = ticketUrl({ ...settings, keyText }, { callId, privacy }, START)
  if (url === null) throw new Error("There is no address.")
  return new URL(url).pathname
}

const open = (api: TestApi, path: string, method = "GET", ask: Ask = {}) =>
  api.call(method, path, { authorization: null, ...ask })

const press = (api: TestApi, path: string, body: string) => open(api, path, "POST", { ...FORM, body })

const saidOf = async (api: TestApi) => (await api.store.readCall("call-1"))?.value.acknowledgement

describe("a ticket", () => {
  test("says which alert and until when, for seven to eight days, the same all day", () => {
    const ticket = pathOf("call-1").split("/").at(-1) ?? ""
    expect(readTicket(KEY, ticket, START + 7 * DAY - 1)).toMatchObject({ kind: "id", alert: "call-1" })
    expect(readTicket(KEY, ticket, START + 8 * DAY)).toBeNull()
    expect(ticketUrl(settings, { callId: "call-1", privacy: "standard" }, START + 1000)).toBe(
      `${settings.apiUrl}${pathOf("call-1")}`,
    )
  })

  test("that anything is changed of is none, and neither is one of another key", () => {
    const ticket = pathOf("call-1").split("/").at(-1) ?? ""
    fc.assert(
      fc.property(
        fc.nat(ticket.length - 1),
        fc.constantFrom("A", "z", "0", "9", "-", "_", ".", "~", " "),
        (place, sign) => {
          const other = ticket.slice(0, place) + sign + ticket.slice(place + 1)
          fc.pre(other !== ticket)
          expect(readTicket(KEY, other, START)).toBeNull()
        },
      ),
    )
    expect(readTicket("f".repeat(64), ticket, START)).toBeNull()
    for (const text of ["", ".", "a.1.b", `${ticket}a`, ticket.slice(0, -1)])
      expect(readTicket(KEY, text, START)).toBeNull()
  })

  test("of a channel with minimal privacy has no call's id", () => {
    const ticket = pathOf("0c5d5b0e-3b0e", "minimal").split("/").at(-1) ?? ""
    const [subject = ""] = ticket.split(".")
    expect(Buffer.from(subject, "base64url").toString()).toBe(`r${callReference("0c5d5b0e-3b0e")}`)
  })

  test("does not fit an address that a message would break", () => {
    expect(ticketUrl(settings, { callId: "é".repeat(600), privacy: "standard" }, START)).toBeNull()
  })
})

describe("the page", () => {
  test("shows which rules, and nothing of the caller", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1", { rule: { name: "<b>Flagged & bad</b>", severity: "critical" } })
    const answer = await open(api, pathOf("call-1"))
    expect(answer.status).toBe(200)
    expect(answer.text).toContain("&lt;b&gt;Flagged &amp; bad&lt;/b&gt;")
    expect(answer.text).toContain(callReference("call-1"))
    expect(answer.text).not.toMatch(/call-1|5551234567|4567|Front desk|table for two|terrace|<script|<b>/)
  })

  test("may do nothing but send its form, and nobody keeps it", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    for (const path of [pathOf("call-1"), "/acknowledge/nothing"]) {
      const { headers, text } = await open(api, path)
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "x-frame-options": "DENY",
        "content-type": expect.stringContaining("text/html"),
      })
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      )
      expect(text).toContain('name="viewport"')
    }
  })

  test("changes nothing by being opened, however often and by whomever", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const before = await api.store.readCall("call-1")
    for (const method of ["GET", "HEAD", "GET"])
      await open(api, `${pathOf("call-1")}?verdict=bad&by=Bot`, method)
    expect(await api.store.readCall("call-1")).toEqual(before)
  })

  test.each([
    ["bad", "bad"],
    ["fine", "fine"],
    ["seen", null],
  ] as const)("with the button %s says %s, and leads back to itself", async (button, verdict) => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const path = pathOf("call-1")
    const pressed = await press(api, path, `by=Ann+Lee&note=&verdict=${button}`)
    expect(pressed.status).toBe(303)
    expect(new URL(pressed.headers.get("location") ?? "", `https://earshot.example${path}`).pathname).toBe(
      path,
    )
    expect(await saidOf(api)).toMatchObject({ by: "Ann Lee", note: null, verdict })
    expect((await open(api, path)).text).toContain("Acknowledged")
  })

  test("takes no form that is not its own", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const path = pathOf("call-1")
    for (const body of [
      "",
      "by=&verdict=bad",
      "by=Ann",
      "by=Ann&verdict=good",
      `by=${"x".repeat(81)}&verdict=bad`,
      '{"by":"Ann"}',
    ])
      expect((await press(api, path, body)).status, body).toBe(400)
    expect(await saidOf(api)).toBeUndefined()
  })

  test("is not there for a ticket that is over, of another key, or of an alert that is gone", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    const paths = [
      pathOf("call-1", "standard", "f".repeat(64)),
      pathOf("nobody"),
      pathOf("call-1", "minimal"),
    ]
    for (const path of paths) {
      expect((await open(api, path)).status).toBe(404)
      expect((await press(api, path, "by=Ann&verdict=bad")).status).toBe(404)
    }
    api.advance(8 * DAY)
    expect((await press(api, pathOf("call-1"), "by=Ann&verdict=bad")).status).toBe(404)
    expect(await saidOf(api)).toBeUndefined()
  })

  test("finds an alert by the reference that a minimal channel was given", async () => {
    const api = createTestApi()
    await storeAlert(api, "call-1")
    await api.store.noteReference("call-1")
    expect((await press(api, pathOf("call-1", "minimal"), "by=Ann&verdict=fine")).status).toBe(303)
    expect(await saidOf(api)).toMatchObject({ verdict: "fine" })
  })

  test("without a key there is none, and the ticket stands for no token", async () => {
    const api = createTestApi({ sealingKey: null })
    await storeAlert(api, "call-1")
    expect((await open(api, pathOf("call-1"))).status).toBe(404)
    const ticket = pathOf("call-1").split("/").at(-1) ?? ""
    const asked = await open(createTestApi(), "/alerts", "GET", { authorization: `Bearer ${ticket}` })
    expect(asked.status).toBe(401)
  })
})
