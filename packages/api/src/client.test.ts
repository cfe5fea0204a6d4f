/** The typed client does what the description says, by the operations' own names, and hands problems on as values. */
import { describe, expect, expectTypeOf, test } from "vitest"
import * as z from "zod"
import { CLIENT_OPERATIONS, createClient } from "./client.ts"
import { openApiDocument } from "./openapi.ts"
import { TOKEN, createTestApi } from "./test-api.ts"

function createTestClient() {
  const { app } = createTestApi()
  return createClient({
    url: "https://earshot.example/",
    token: TOKEN,
    fetch: async (input, init) => app.request(new Request(input, init)),
  })
}

test("its operations are the description's", () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) })
    .parse(openApiDocument())
  for (const [name, { method, path }] of Object.entries(CLIENT_OPERATIONS))
    expect(paths[path]?.[method.toLowerCase()]?.operationId, name).toBe(name)
  expect(Object.keys(createTestClient()).sort()).toEqual(Object.keys(CLIENT_OPERATIONS).sort())
})

describe("with it", () => {
  test("a rule is added, edited, deleted and restored", async () => {
    const client = createTestClient()
    const added = await client.createRule({ name: "Long call", when: { duration: { gte: 60 } } })
    if (!added.ok) throw new Error(added.problem.detail)
    expectTypeOf(added.value.severity).toEqualTypeOf<"info" | "warning" | "critical">()
    expect([added.value.id, added.etag]).toEqual(["long-call", '"1"'])
    const { id } = added.value
    const edited = await client.editRule(id, { mode: "shadow", note: "Try it first", version: 1 })
    expect(edited).toMatchObject({ ok: true, value: { mode: "shadow" }, etag: '"2"' })
    expect(await client.editRule(id, { mode: "live" })).toMatchObject({ ok: false, problem: { status: 428 } })
    expect(await client.snoozeRule(id, { for: "PT8H" }, { ifMatch: "*" })).toMatchObject({ ok: true })
    expect(await client.wakeRule(id, { ifMatch: '"3"' })).toMatchObject({ ok: true })
    expect(await client.deleteRule(id, { ifMatch: '"4"' })).toEqual({ ok: true, value: null, etag: null })
    expect(await client.restoreRule(id, { version: 1 })).toMatchObject({ ok: true, value: { mode: "live" } })
    const history = await client.listRuleVersions(id, { limit: "2" })
    expect(history).toMatchObject({
      ok: true,
      value: { versions: [{ version: 6 }, { version: 5 }], next: "v5" },
    })
    expect(await client.readRule(id)).toMatchObject({ ok: true, etag: '"6"' })
    expect(await client.replaceRule("new", { name: "New", when: { flagged: true } })).toMatchObject({
      ok: true,
    })
    expect(await client.listRules()).toMatchObject({ ok: true })
  })

  test("all rules are exported and imported, and tokens made and revoked", async () => {
    const client = createTestClient()
    expect(await client.exportRules()).toMatchObject({ ok: true, value: { rules: [{}, {}, {}, {}] } })
    const rules = [{ id: "one", name: "One", when: { flagged: true } }]
    const shown = await client.importRules({ rules })
    if (!shown.ok) throw new Error(shown.problem.detail)
    expect(shown.value).toMatchObject({ applied: false, added: ["one"] })
    const done = await client.importRules({ rules, note: "n" }, { apply: shown.value.etag })
    expect(done).toMatchObject({ ok: true, value: { applied: true } })
    expect(await client.createToken({ name: "ci", access: "read" })).toMatchObject({ ok: true })
    expect(await client.listTokens()).toMatchObject({ ok: true, value: { tokens: [{}, { name: "ci" }] } })
    expect(await client.revokeToken("ci")).toMatchObject({ ok: true })
  })
})
