/** What people read when the list could not be read: what happened, and which setting to check. */
import type { Trouble } from "@earshot/calls-api/answer"
import { expect, test } from "vitest"
import { FIRST_CONTROL } from "./control.ts"
import { failureAfter, withHint } from "./failure.ts"

const message = "It failed."

const BASE_URL = "It failed. Check ECHOWIN_BASE_URL."

test.each<[Trouble, string]>([
  [{ kind: "unauthorized", message, retryable: false }, "It failed. Check ECHOWIN_API_KEY."],
  [{ kind: "not-found", message, retryable: false }, BASE_URL],
  [{ kind: "unreachable", message, retryable: true }, BASE_URL],
  [{ kind: "timeout", message, retryable: true }, BASE_URL],
  [{ kind: "unreadable", reason: "not-json", message, retryable: true }, BASE_URL],
  [{ kind: "unreadable", reason: "redirect", message, retryable: false }, BASE_URL],
  [{ kind: "unreadable", reason: "status", message, retryable: true }, BASE_URL],
  [{ kind: "unreadable", reason: "too-large", message, retryable: false }, message],
  [{ kind: "unreadable", reason: "wrong-shape", message, retryable: true }, message],
  [{ kind: "server", status: 500, message, retryable: true }, message],
  [{ kind: "refused", status: 400, message, retryable: false }, message],
  [{ kind: "rate-limited", until: 1, message, retryable: true }, message],
])("the setting to check is named, unless the vendor alone can help: %j", (trouble, text) => {
  expect(withHint(trouble)).toBe(text)
})

test("the same failure keeps its beginning, another starts now", () => {
  const first = failureAfter(FIRST_CONTROL.failure, "timeout", message, 5)
  expect(failureAfter(first, "timeout", message, 9)).toMatchObject({ since: 5, at: 9 })
  expect(failureAfter(first, "server", message, 9)).toMatchObject({ since: 9, at: 9 })
})
