/** The page at /docs: what it may do, what it shows, and what it sends. How it looks is for people to judge. */
import { FIELDS } from "@earshot/core/rule/field"
import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { TOKEN, createTestApi } from "../test-api.ts"
import { docsPage } from "./page.ts"
import { type Node, type Page, openPage, scriptOf } from "./test-page.ts"

const { html, policy } = docsPage()

const styleOf = (text: string) => text.slice(text.indexOf("<style>") + 7, text.indexOf("</style>"))

describe("the document", () => {
  test("is served with its policy", async () => {
    const answer = await createTestApi().call("GET", "/docs", { authorization: null })
    expect(answer).toMatchObject({ status: 200, text: html })
    expect(answer.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i)
    expect(answer.headers.get("content-security-policy")).toBe(policy)
  })

  test("may run its one script and its one style, and may reach this API only", () => {
    const sourceOf = (content: string) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`
    const rules = new Map(
      policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]),
    )
    expect(rules.get("default-src")).toBe("'none'")
    expect(rules.get("script-src")).toBe(sourceOf(scriptOf(html)))
    expect(rules.get("style-src")).toBe(sourceOf(styleOf(html)))
    expect(rules.get("connect-src")).toBe("'self'")
    expect(rules.get("frame-ancestors")).toBe("'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(html.match(/<(script|style)\b/g)).toHaveLength(2)
  })

  test("asks nothing of anybody else, and makes no markup of text", () => {
    const addresses = (html.match(/\bhttps?:\/\/[^"'\s>]+/g) ?? []).filter(
      (url) => url !== "http://www.w3.org/2000/svg",
    )
    expect(addresses).toEqual([])
    expect(html).not.toMatch(/@import|url\(|<link[^>]+stylesheet|\ssrc=|\son\w+="|\sstyle="/)
    expect(html).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage/,
    )
  })

  test("is small", () => {
    expect(Buffer.byteLength(html)).toBeLessThan(31_000)
  })
})

describe("the page in a browser", () => {
  type Request = { method: string; url: string; headers: Headers; body: unknown }

  async function open({ stored }: { stored?: Map<string, string> } = {}) {
    const api = createTestApi()
    const requests: Request[] = []
    const page = await openPage(async (url, init) => {
      const headers = new Headers(init.headers)
      const { pathname } = new URL(url, "https://earshot.test")
      requests.push({ method: init.method ?? "GET", url, headers, body: init.body })
      return api.app.request(pathname, { method: init.method ?? "GET", headers, body: init.body ?? null })
    }, stored)
    return { api, page, requests }
  }

  const type = (page: Page, id: string, text: string) => {
    const node = page.element(id)
    node.value = text
    return page.fire(node, "input")
  }
  const formOf = (page: Page, operation: string): Node => {
    const [form] = page.all("form", page.element(operation))
    if (!form) throw new Error(`There is nothing to try ${operation} with.`)
    return form
  }
  const send = async (page: Page, operation: string) => {
    await page.fire(formOf(page, operation), "submit")
    return answerOf(page, operation)
  }
  const withClass = (page: Page, name: string, below: Node) =>
    page.all("div", below).filter((node) => node.getAttribute("class") === name)
  const answerOf = (page: Page, operation: string) =>
    withClass(page, "answer", page.element(operation))[0]?.textContent ?? ""
  const press = async (page: Page, operation: string, text: string) => {
    const button = page.all("button", page.element(operation)).find((one) => one.textContent.startsWith(text))
    if (!button) throw new Error(`There is no button ${text}.`)
    await page.fire(button, "click")
  }

  test("shows every operation with what it takes and answers", async () => {
    const { page } = await open()
    const expected = {
      listRules: ["GET", "/rules", "200", "RuleList", "401", "500"],
      createRule: [
        "POST",
        "/rules",
        "RuleInput",
        "name",
        "required",
        "live | shadow | off",
        "1 to 80",
        "201",
        "400",
        "409",
        "413",
      ],
      readRule: ["GET", "/rules/{id}", "in the path", "etag", "404"],
      replaceRule: ["PUT", "/rules/{id}", "If-Match", "in the header", "RuleInput", "200", "201", "412"],
      deleteRule: ["DELETE", "/rules/{id}", "If-Match", "204", "404"],
      readHealth: ["GET", "/health", "No token is needed", "200", "503", "Health or Problem"],
    }
    for (const [id, texts] of Object.entries(expected)) {
      for (const text of texts) expect(page.element(id).textContent, id).toContain(text)
    }
    for (const path of ["errors[].path", "errors[].message"])
      expect(page.element("shape-Problem").textContent).toContain(path)
    expect(page.element("shape-Health").textContent).toContain("failure.since")
  })

  test("leads from its contents to everything, and from everything to what it names", async () => {
    const { page } = await open()
    const targets = page.all("a").map((link) => link.getAttribute("href") ?? "")
    expect(targets).toContain("#deleteRule")
    expect(targets).toContain("#conditions")
    for (const target of targets.filter((href) => href.startsWith("#"))) page.element(target.slice(1))
  })

  test("gives every input a label, and every table a caption and heads", async () => {
    const { page } = await open()
    const labels = new Set([...page.all("label").map((label) => label.getAttribute("for")), "token"])
    const inputs = [...page.all("input"), ...page.all("textarea")]
    expect(inputs.length).toBeGreaterThan(7)
    for (const input of inputs) expect(labels).toContain(input.getAttribute("id"))
    for (const table of page.all("table")) {
      expect(page.all("caption", table)[0]?.textContent).toMatch(/\w/)
      expect(page.all("th", table).map((head) => head.getAttribute("scope"))).toContain("col")
    }
    expect(html).toContain('<label for="token">')
  })

  test("finds fields by name, operator and meaning", async () => {
    const { page } = await open()
    const rows = page.element("fields").querySelectorAll("tbody tr")
    const shown = () =>
      rows
        .filter((row) => !row.hidden)
        .map((row) => row.children.map((cell) => (typeof cell === "string" ? cell : cell.textContent))[0])
    expect(shown()).toEqual(FIELDS.map(({ name }) => name))
    await type(page, "field-search", "sentiment number")
    expect(shown()).toEqual(["sentiment.happy", "sentiment.sad", "sentiment.angry", "sentiment.neutral"])
    await type(page, "field-search", "TRANSFER")
    expect(shown()).toEqual(["transferred", "timeline"])
    await type(page, "field-search", "nothing like it")
    expect(shown()).toEqual([])
    expect(page.element("conditions").textContent).toContain(`0 of ${FIELDS.length} fields`)
  })

  test("sends the token to this API, where one is needed, and keeps it for this tab only", async () => {
    const { page, requests } = await open()
    expect(await send(page, "listRules")).toContain("Enter the token")
    await type(page, "token", ` ${TOKEN} `)
    expect(await send(page, "listRules")).toContain("angry-caller")
    await send(page, "readHealth")
    expect(requests.map(({ url, headers }) => [url, headers.get("authorization")])).toEqual([
      ["/openapi.json", null],
      ["https://earshot.test/rules", null],
      ["https://earshot.test/rules", `Bearer ${TOKEN}`],
      ["https://earshot.test/health", null],
    ])
    expect([...page.stored.values()]).toEqual([TOKEN])
    const again = await open({ stored: page.stored })
    expect(await send(again.page, "listRules")).toContain("200")
    expect(again.page.element("listRules").textContent).not.toContain(TOKEN)
  })

  test("goes on without storage where a browser forbids it", async () => {
    const stored = new Map<string, string>()
    const forbid = () => {
      throw new Error("The operation is insecure.")
    }
    const { page } = await open({ stored: Object.assign(stored, { get: forbid, set: forbid }) })
    await type(page, "token", TOKEN)
    expect(await send(page, "listRules")).toContain("angry-caller")
  })

  test("creates a rule, reads it, edits it by its etag and deletes it", async () => {
    const { api, page, requests } = await open()
    await type(page, "token", TOKEN)
    const created = await send(page, "createRule")
    for (const text of ["201", "etag", '"1"', "location", "/rules/long-and-angry"])
      expect(created).toContain(text)
    await type(page, "readRule-id", "long-and-angry")
    expect(await send(page, "readRule")).toContain('"name": "Long and angry"')

    await press(page, "readRule", "Edit it")
    const body = page.element("replaceRule-body")
    expect(page.focused()).toBe(body)
    expect(page.element("replaceRule-if-match").value).toBe('"1"')
    await type(page, "replaceRule-body", body.value.replace("Long and angry", "Longer"))
    expect(await send(page, "replaceRule")).toContain('"version": 2')
    expect(requests.at(-1)).toMatchObject({ method: "PUT", url: "https://earshot.test/rules/long-and-angry" })
    expect(requests.at(-1)?.headers.get("if-match")).toBe('"1"')
    expect(await send(page, "replaceRule")).toContain('The rule is at version "2" now; read it again.')

    await send(page, "readRule")
    await press(page, "readRule", "Delete it")
    expect(await api.store.readRule("long-and-angry")).toMatchObject({ isDeleted: false })
    expect(await send(page, "deleteRule")).toContain("204")
    expect(await api.store.readRule("long-and-angry")).toMatchObject({ isDeleted: true })
  })

  test("shows what is wrong with a rule, as text", async () => {
    const { page } = await open()
    await type(page, "token", TOKEN)
    const markup = "<img src=x onerror=alert(1)>"
    await type(page, "createRule-body", JSON.stringify({ name: markup, when: { scor: 1, [markup]: 2 } }))
    const answer = await send(page, "createRule")
    for (const text of [
      "400",
      "nothing was stored",
      "/when/scor",
      "did you mean score?",
      `/when/${markup}`,
    ]) {
      expect(answer).toContain(text)
    }
    expect(page.all("img")).toEqual([])
  })

  test("sends a body with Ctrl and Enter, and not with Enter alone", async () => {
    const { page, requests } = await open()
    await page.fire(page.element("createRule-body"), "keydown", { key: "Enter" })
    expect(requests).toHaveLength(1)
    await page.fire(page.element("createRule-body"), "keydown", { key: "Enter", ctrlKey: true })
    expect(requests.at(-1)).toMatchObject({ method: "POST", url: "https://earshot.test/rules" })
  })

  test("says that a body is no JSON before it is sent, and sends it if told to", async () => {
    const { page } = await open()
    await type(page, "token", TOKEN)
    await type(page, "createRule-body", "{ nope")
    expect(page.element("createRule-body-hint").textContent).toMatch(/^Not JSON yet: /)
    expect(await send(page, "createRule")).toContain("The body is not JSON.")
    await press(page, "createRule", "Reset body")
    expect(page.element("createRule-body-hint").textContent).toBe("")
    expect(JSON.parse(page.element("createRule-body").value)).toMatchObject({ name: "Long and angry" })
  })

  test("names no rule that exists where one would be changed", async () => {
    const { page } = await open()
    expect(page.element("readRule-id").value).toBe("low-score")
    for (const id of ["replaceRule-id", "deleteRule-id"]) {
      expect(page.element(id).value).toBe("")
      expect(page.element(id).attributes.has("required")).toBe(true)
    }
  })

  test("offers the ids that it has seen", async () => {
    const { page } = await open()
    await type(page, "token", TOKEN)
    await send(page, "listRules")
    const ids = page.all("option", page.element("known-ids")).map((option) => option.getAttribute("value"))
    expect(ids).toEqual(["angry-caller", "flagged", "low-score", "transferred"])
    expect(page.element("readRule-id").getAttribute("list")).toBe("known-ids")
  })

  test("says the same request with curl, without the token", async () => {
    const { page } = await open()
    await type(page, "token", TOKEN)
    await type(page, "replaceRule-id", "it's/odd")
    await type(page, "replaceRule-if-match", '"3"')
    await type(page, "replaceRule-body", `{ "name": "It's" }`)
    await page.fire(formOf(page, "replaceRule"), "input")
    const [curl] = page.all("pre", formOf(page, "replaceRule"))
    expect(curl?.textContent.split(" \\\n  ")).toEqual([
      "curl -i -X PUT 'https://earshot.test/rules/it'\\''s%2Fodd'",
      '-H "authorization: Bearer $API_TOKEN"',
      `-H 'if-match: "3"'`,
      `-d '{"name":"It'\\''s"}'`,
    ])
    expect(page.element("replaceRule").textContent).not.toContain(TOKEN)
  })

  test("says so when nothing answers", async () => {
    const { page } = await open()
    const gone = await openPage(async () => Promise.reject(new TypeError("Failed to fetch")))
    expect(gone.element("loading").textContent).toMatch(/could not be read: Failed to fetch/)
    expect(page.element("main").textContent).not.toContain("could not be read")
  })
})
