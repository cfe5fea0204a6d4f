/**
 * The API's description, OpenAPI 3.1, put together from what stands beside each route. It is made from the schemas
 * that check requests, so it cannot say anything else than the code. Imported when somebody asks for it.
 */
import { type ZodOpenApiPathsObject, createDocument, type oas31 } from "zod-openapi"
import { alertPaths } from "./alert-path.ts"
import { channelPaths } from "./channel-path.ts"
import { problems } from "./operation.ts"
import { callPaths } from "./route/call.ts"
import { coveragePaths } from "./route/coverage.ts"
import { deliveryPaths } from "./route/delivery.ts"
import { explainPaths } from "./route/explain.ts"
import { fieldPaths } from "./route/field.ts"
import { healthPaths } from "./route/health.ts"
import { precisionPaths } from "./route/precision.ts"
import { statusPaths } from "./route/status.ts"
import { rulePaths } from "./rule-path.ts"
import { tokenPaths } from "./route/token.ts"

let document: oas31.OpenAPIObject | null = null

/** Made once: it is the same for every caller. */
export function openApiDocument(): oas31.OpenAPIObject {
  document ??= createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Earshot",
        version: "0.1.0",
        description:
          "The rules that decide which calls Earshot alerts people about, the channels that alerts go to, and how the " +
          "poller is doing. " +
          "Every answer carries an `X-Request-Id`; the function's log names the same id.",
        license: { name: "MIT", identifier: "MIT" },
      },
      security: [{ token: [] }],
      tags: [
        {
          name: "rules",
          description: "Which calls people are alerted about. An edit takes effect at the next poll.",
        },
        { name: "channels", description: "Where alerts go. An edit takes effect at the next poll." },
        { name: "tokens", description: "Who may use this API, and whether they may change anything." },
        {
          name: "alerts",
          description: "What people were alerted to, what became of it, and what they say of it.",
        },
        {
          name: "calls",
          description: "What the references in messages stand for, and why a call was alerted or not.",
        },
        { name: "deliveries", description: "What could not be sent, and what a digest was about." },
        {
          name: "health",
          description: "Whether the poller runs and can read the calls, and how many it checked.",
        },
      ],
      paths: guarded({
        ...rulePaths(),
        ...precisionPaths(),
        ...channelPaths(),
        ...fieldPaths(),
        ...alertPaths(),
        ...callPaths(),
        ...explainPaths(),
        ...deliveryPaths(),
        ...healthPaths(),
        ...statusPaths(),
        ...coveragePaths(),
        ...tokenPaths(),
      }),
      components: {
        securitySchemes: {
          token: {
            type: "http",
            scheme: "bearer",
            description: "The value of API_TOKEN, or a token made with POST /tokens.",
          },
        },
      },
    },
    {
      override: ({ jsonSchema }) => {
        // The format says the same in nine characters.
        if (jsonSchema.format === "date-time") delete jsonSchema.pattern
      },
    },
  )
  return document
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const

/**
 * Whatever asks for a token may say that it came too often without one; whatever changes something, that this one only reads;
 * and a GET, that it has no body.
 */
function guarded(paths: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  const guardedItem = (item: ZodOpenApiPathsObject[string]) => {
    const changed = METHODS.flatMap((method) => {
      const operation = item[method]
      if (!operation || !("401" in operation.responses)) return []
      const more = method === "get" ? problems(400, 429) : problems(403, 429)
      return [[method, { ...operation, responses: { ...more, ...operation.responses } }]]
    })
    return { ...item, ...Object.fromEntries(changed) }
  }
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, guardedItem(item)]))
}
