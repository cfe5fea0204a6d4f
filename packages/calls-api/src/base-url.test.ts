/** The key is never sent to an address that others could listen on. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { parseBaseUrl } from "./base-url.ts"

test.each([
  ["https://echo.win/api/v1", "https://echo.win/api/v1"],
  ["https://echo.win/api/v1/", "https://echo.win/api/v1"],
  ["https://echo.win", "https://echo.win"],
  ["HTTPS://Echo.Win:443/api/v1//", "https://echo.win/api/v1"],
  ["http://localhost:4010/api/v1", "http://localhost:4010/api/v1"],
  ["http://127.0.0.1:4010/api/v1", "http://127.0.0.1:4010/api/v1"],
  ["http://127.9.9.9/api/v1", "http://127.9.9.9/api/v1"],
  ["http://[::1]:4010/api/v1", "http://[::1]:4010/api/v1"],
])("%s is accepted", (text, value) => {
  expect(parseBaseUrl(text)).toEqual({ ok: true, value })
})

test.each([
  "",
  "echo.win/api/v1",
  "http://echo.win/api/v1",
  "http://localhost.evil.example/api/v1",
  "http://evil-localhost/api/v1",
  "http://127.0.0.1.evil.example/",
  "http://10.0.0.1/",
  "http://0.0.0.0/",
  "http://[::2]/",
  "ftp://localhost/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "https://user:hunter2@echo.win/api/v1",
  "https://:hunter2@echo.win/api/v1",
  "https://echo.win/api/v1?key=hunter2",
  "https://echo.win/api/v1#hunter2",
])("%s is refused, without being repeated", (text) => {
  const parsed = parseBaseUrl(text)
  expect(parsed.ok).toBe(false)
  expect(JSON.stringify(parsed)).not.toContain("hunter2")
})

test("whatever is accepted is https or this machine, ends without a slash, and is accepted again unchanged", () => {
  const anything = fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true }))
  fc.assert(
    fc.property(anything, (text) => {
      const parsed = parseBaseUrl(text)
      if (!parsed.ok) return
      expect(parsed.value).toMatch(/^(https:\/\/|http:\/\/(localhost|127\.|\[::1\]))/)
      expect(parsed.value).not.toMatch(/\/$|[?#]/)
      // An @ may appear in a path, but names no user there.
      expect(new URL(parsed.value).username).toBe("")
      expect(parseBaseUrl(parsed.value)).toEqual(parsed)
    }),
  )
})
