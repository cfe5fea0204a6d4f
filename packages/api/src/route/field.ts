/** GET /fields: what a condition may name, and how often each field was there in the last days' calls. */
import { FIELDS } from "@earshot/core/rule/field"
import { OPERATORS } from "@earshot/core/rule/operand"
import { PRESENCE_DAYS, firstDayOf, presenceIn } from "@earshot/core/rule/presence"
import type { Store } from "@earshot/io/store/store"
import type { World } from "@earshot/io/world"
import { Hono } from "hono"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { exampleOf, unitOf } from "../field-example.ts"
import { json, problems } from "../operation.ts"

const FieldView = z.object({
  name: z.string().describe("As a condition names it."),
  type: z.enum(["string", "number", "boolean", "texts", "time"]),
  operators: z.array(z.string()),
  about: z.string(),
  source: z
    .enum(["list", "detail"])
    .describe("Whether the list of calls has it, or only a call's detail, which costs a request of its own."),
  unit: z.string().nullable().describe("What the number counts; null if it is not a number."),
  example: z.record(z.string(), z.unknown()).describe("A condition that asks for it."),
  isPersonal: z.boolean().describe("Shown only in channels with full privacy."),
  calls: z
    .number()
    .int()
    .min(0)
    .describe(
      `Calls closed in the last ${PRESENCE_DAYS} days of which it is known whether they have the field.`,
    ),
  present: z.number().int().min(0).describe("How many of these calls have the field."),
})

export const FieldList = z.object({ fields: z.array(FieldView) })

export function fieldRoutes(world: World, store: Store): Hono {
  return new Hono().get("/", async (context) => {
    const presence = await store.readPresence(firstDayOf(world.now()))
    const fields = FIELDS.map((field) => {
      const { name, type, about, source, isPersonal } = field
      return {
        name,
        type,
        operators: OPERATORS[type],
        about,
        source,
        unit: unitOf(name),
        example: exampleOf(name),
        isPersonal,
        ...presenceIn(presence, field),
      }
    })
    return context.json({ fields })
  })
}

/** What the document says of this route. */
export function fieldPaths(): ZodOpenApiPathsObject {
  return {
    "/fields": {
      get: {
        operationId: "listFields",
        tags: ["rules"],
        summary: "List what a condition may name",
        responses: {
          200: json(FieldList.meta({ id: "FieldList" }), "The fields, and how often they were there."),
          ...problems(401, 500, 503),
        },
      },
    },
  }
}
