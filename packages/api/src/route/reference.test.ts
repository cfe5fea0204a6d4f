/**
 * The page at /docs: that it is whole, comes from this API alone, and says so to browsers. What a real browser makes
 * of it is tried in `test/browser`.
 */
import { runInNewContext } from "node:vm"
import { gunzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import * as z from "zod"
import { ASSET_NAMES } from "../reference/asset.ts"
import { START, createTestApi } from "../test-api.ts"

/** As a browser without a token asks for it. */
const open = (path: string, more: Record<string, string> = {}) =>
  createTestApi().call("GET", path, { authorization: null, more })

const { text: html, headers } = await open("/docs")

const files = [...html.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map((match) => `/${match[1]}`)

describe("the page", () => {
  test("may run and fetch what this API serves, and nothing else; nor may anything stand in the page itself", () => {
    const policy = headers.get("content-security-policy") ?? ""
    const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1)]))
    expect(Object.fromEntries(rules)).toEqual({
      "default-src": ["'none'"],
      "script-src": ["'self'"],
      "style-src": ["'self'"],
      "img-src": ["'self'", "data:"],
      "connect-src": ["'self'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
    })
    expect(html).not.toMatch(/<script(?![^>]* src=")|<style|\sstyle=|\son\w+=/)
  })

  test("names no other address, and every file that it names is there", async () => {
    expect(html).not.toMatch(/\/\/|https?:/)
    expect(files.map((file) => file.replace("/docs/", "")).sort()).toEqual(
      ASSET_NAMES.filter((name) => name !== "page.html").sort(),
    )
    for (const file of files) expect((await open(file)).status, file).toBe(200)
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8")
  })

  test("starts the library without the service of its makers, and keeps no token", async () => {
    const { text: start } = await open("/docs/start.js")
    expect(start).not.toMatch(/\/\/\w|https?:|eval|localStorage|innerHTML/)
    let options: unknown
    // The script as it is served, in as much of a browser as it asks for before the library takes over.
    runInNewContext(start, {
      SwaggerUIBundle: (given: unknown) => (options = given),
      document: { getElementById: (id: string) => (html.includes(`id="${id}"`) ? { id } : null) },
      MutationObserver: function observer() {
        return { observe: () => {} }
      },
    })
    expect(options).toMatchObject({
      domNode: { id: "reference" },
      url: "openapi.json",
      validatorUrl: null,
      persistAuthorization: false,
    })
    const urls = Object.values(z.record(z.string(), z.unknown()).parse(options)).filter(
      (value) => typeof value === "string" && value.includes(":"),
    )
    expect(urls).toEqual([])
  })
})

describe("each file of the page", () => {
  test.each(ASSET_NAMES)("%s comes with its type, and a browser may keep it but asks again", async (name) => {
    const path = name === "page.html" ? "/docs" : `/docs/${name}`
    const plain = await open(path)
    const types: Record<string, string> = {
      html: "text/html; charset=utf-8",
      js: "text/javascript; charset=utf-8",
      css: "text/css; charset=utf-8",
      svg: "image/svg+xml",
    }
    expect(plain.headers.get("content-type")).toBe(types[name.split(".").at(-1) ?? ""])
    expect(plain.headers.get("cache-control")).toBe("no-cache")
    expect(plain.headers.get("vary")).toBe("accept-encoding")
    expect(plain.headers.has("content-encoding")).toBe(false)
    expect(plain.text.length).toBeGreaterThan(100)
    const etag = plain.headers.get("etag") ?? ""
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    expect(await open(path, { "if-none-match": etag })).toMatchObject({ status: 304, text: "" })
    expect(await open(path, { "if-none-match": `"other", W/${etag}` })).toMatchObject({
      status: 304,
      text: "",
    })
    expect(await open(path, { "if-none-match": '"other"' })).toMatchObject({ status: 200 })
  })

  test.each(["gzip", "br, gzip, deflate", "gzip;q=0.5, *;q=0"])(
    "is small for whoever takes %j, and the same when unpacked",
    async (encoding) => {
      const { app } = createTestApi()
      let bytes = 0
      for (const path of ["/docs", ...files]) {
        const packed = await app.request(path, { headers: { "accept-encoding": encoding } })
        expect(packed.headers.get("content-encoding"), path).toBe("gzip")
        const body = Buffer.from(await packed.arrayBuffer())
        bytes += body.length
        const plain = await app.request(path)
        expect(gunzipSync(body).equals(Buffer.from(await plain.arrayBuffer())), path).toBe(true)
      }
      expect(bytes).toBeLessThan(520_000)
    },
  )

  test.each(["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])(
    "is not packed for %j",
    async (encoding) => {
      const answer = await open("/docs/start.js", { "accept-encoding": encoding })
      expect(answer.headers.has("content-encoding")).toBe(false)
      expect(answer.text).toContain("SwaggerUIBundle")
    },
  )

  test("does not depend on when it is asked for", async () => {
    const later = createTestApi()
    later.advance(START)
    const { text, headers: again } = await later.call("GET", "/docs")
    expect(text).toBe(html)
    expect(again.get("etag")).toBe(headers.get("etag"))
  })
})
