/** The routes under /tokens: who may use this API. A token is shown once, when it is made, and stored as its hash. */
import { isoOf } from "@earshot/core/instant"
import { type ApiToken, TokenAccess, TokenName } from "@earshot/io/store/api-token"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { type Context, Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { inTurn } from "../edit-turn.ts"
import { DEPLOYMENT_TOKEN, type Gate } from "../gate.ts"
import { json, problems } from "../operation.ts"
import { problem, problemErrors, problemResponse } from "../problem.ts"
import { editOf, readJson } from "../rule-body.ts"
import { hashOf, newToken } from "../token.ts"

/** Each request compares with all of them. */
const TOKENS_MAX = 50

/** Names ever used: the marks of revoked tokens are read along with the others. */
const TOKEN_NAMES_MAX = 500

const TokenInput = z
  .strictObject({
    name: TokenName.describe("Edits made with the token are signed so."),
    access: TokenAccess.describe("read: whatever changes nothing. write: everything."),
  })
  .meta({ id: "TokenInput" })

const TokenView = z.object({
  name: TokenName,
  access: TokenAccess,
  createdAt: z.string().nullable().describe("ISO 8601; null for the deployment's own."),
  createdBy: z.string().nullable().describe("The name of the token that it was made with."),
  revocable: z.boolean().describe("The deployment's own is in its settings, and is changed there."),
})

export const NewToken = TokenView.extend({
  token: z.string().describe("Shown this once: only its hash is stored."),
})

export const TokenList = z.object({ tokens: z.array(TokenView) })

export function tokenRoutes(world: World, store: Store, gate: Gate): Hono {
  const routes = new Hono()

  routes.get("/", async (context) => {
    const own = {
      name: DEPLOYMENT_TOKEN,
      access: "write",
      createdAt: null,
      createdBy: null,
      revocable: false,
    } as const
    const made = (await store.readTokens()).filter(({ isRevoked }) => !isRevoked).map(viewOf)
    made.sort((a, b) => (a.name < b.name ? -1 : 1))
    return context.json({ tokens: [own, ...made] } satisfies z.infer<typeof TokenList>)
  })

  routes.post("/", async (context) => {
    const body = await readJson(context)
    if (!body.ok) return problemResponse(body.problem)
    const parsed = TokenInput.safeParse(body.json)
    if (!parsed.success) {
      return problemResponse(
        problem(400, "The token is invalid; nothing was saved.", problemErrors(parsed.error)),
      )
    }
    const token = newToken()
    const made = await inTurn(world, store, () => make(context, { world, store }, { ...parsed.data, token }))
    if (!made.ok) return problemResponse(made.problem)
    if (typeof made.value === "string") return problemResponse(problem(409, made.value))
    gate.forget()
    context.header("location", `/tokens/${made.value.name}`)
    return context.json({ ...viewOf(made.value), token } satisfies z.infer<typeof NewToken>, 201)
  })

  routes.delete("/:name", async (context) => {
    const name = context.req.param("name")
    if (name === DEPLOYMENT_TOKEN) return problemResponse(problem(409, OF_DEPLOYMENT))
    const done = await inTurn(world, store, async () => {
      const known = (await store.readTokens()).find((token) => token.name === name && !token.isRevoked)
      return known && store.writeToken({ ...known, version: known.version + 1, isRevoked: true })
    })
    if (!done.ok) return problemResponse(done.problem)
    gate.forget()
    if (done.value) return context.body(null, 204)
    const shown = TokenName.safeParse(name).success ? name : "so"
    return problemResponse(problem(404, `No token is called ${shown}; GET /tokens lists them.`))
  })

  return routes
}

const OF_DEPLOYMENT =
  "This token is in the deployment's settings, as API_TOKEN or the secret ApiToken; change it there to revoke it."

/** What is wrong, as a text; or the token, which is stored by then. */
async function make(
  context: Context,
  { world, store }: { world: World; store: Store },
  { name, access, token }: z.infer<typeof TokenInput> & { token: string },
): Promise<ApiToken | string> {
  const stored = await store.readTokens()
  const known = stored.find((other) => other.name === name)
  const inForce = stored.filter(({ isRevoked }) => !isRevoked)
  if (name === DEPLOYMENT_TOKEN || (known && !known.isRevoked))
    return `There is already a token ${name}: choose another name, or revoke that one first.`
  if (inForce.length >= TOKENS_MAX) return `There are ${TOKENS_MAX} tokens already; revoke one first.`
  if (!known && stored.length >= TOKEN_NAMES_MAX)
    return `${TOKEN_NAMES_MAX} names have been used already; use the name of a token that was revoked.`
  const made: ApiToken = {
    name,
    access,
    hash: hashOf(token),
    createdAt: isoOf(world.now()),
    createdBy: editOf(context, undefined).value.by,
    version: (known?.version ?? 0) + 1,
    isRevoked: false,
  }
  if (await store.writeToken(made)) return made
  return `The token ${name} could not be saved: what is stored of that name cannot be read. Choose another name.`
}

function viewOf({ name, access, createdAt, createdBy }: ApiToken): z.infer<typeof TokenView> {
  return { name, access, createdAt, createdBy, revocable: true }
}

/** What the document says of these routes. */
export function tokenPaths(): ZodOpenApiPathsObject {
  const tags = ["tokens"]
  const Located = z.object({ location: z.string().describe("The token's address.") })
  const path = z.object({ name: TokenName.meta({ description: "The token's name.", example: "ci" }) })
  return {
    "/tokens": {
      get: {
        operationId: "listTokens",
        tags,
        summary: "List the tokens in force, without the tokens themselves",
        responses: {
          200: json(TokenList.meta({ id: "TokenList" }), "The tokens, the deployment's own first."),
          ...problems(401, 500, 503),
        },
      },
      post: {
        operationId: "createToken",
        tags,
        summary: "Make a token, which is shown this once",
        requestBody: {
          required: true,
          content: { "application/json": { schema: TokenInput, example: { name: "ci", access: "read" } } },
        },
        responses: {
          201: json(NewToken.meta({ id: "NewToken" }), "The token.", Located),
          ...problems(400, 401, 409, 413, 500, 503),
        },
      },
    },
    "/tokens/{name}": {
      delete: {
        operationId: "revokeToken",
        tags,
        summary: "Revoke a token: within ten seconds nobody is let in by it",
        requestParams: { path },
        responses: { 204: { description: "It is revoked." }, ...problems(401, 404, 409, 413, 500, 503) },
      },
    },
  }
}
