/** `npm run gallery` where there is no browser: it draws what it can, and says what it cannot. */
import { runCommand } from "@earshot/command/test-command"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, test } from "vitest"

test("without a Chromium the page is drawn, and the missing pictures are named", async () => {
  const into = mkdtempSync(path.join(tmpdir(), "earshot-gallery-"))
  const { code, out, err } = await runCommand("packages/local/src/command/gallery.ts", ["--into", into], {})
  expect({ code, err }).toEqual({ code: 0, err: "" })
  expect(out).toContain(path.join(into, "gallery", "index.html"))
  expect(out).toContain("NO pictures: there is no Chromium here")
  expect(readdirSync(path.join(into, "gallery"))).toEqual(["index.html"])
  expect(readFileSync(path.join(into, "gallery", "index.html"), "utf8")).toContain("<article")
  rmSync(into, { recursive: true })
})
