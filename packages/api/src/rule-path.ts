/** What the document says of the routes under /rules. */
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { RuleId } from "@earshot/core/rule/rule"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { conditionSchema } from "./condition-schema.ts"
import { json, problems } from "./operation.ts"
import { previewPaths } from "./route/preview.ts"
import { ruleSetPaths } from "./route/rule-set.ts"
import { RuleList } from "./route/rule.ts"
import { RuleBody } from "./rule-body.ts"
import { RestoreBody, RuleVersionList, VersionQuery } from "./rule-history.ts"
import { RuleView, UnreadableRuleView } from "./rule-view.ts"
import { snoozePaths } from "./snooze.ts"

export function rulePaths(): ZodOpenApiPathsObject {
  const schemas = describedSchemas()
  const { Rule, RuleInput } = schemas
  const edit = { tags: ["rules"], requestParams: { path: IdParameter, header: EditHeaders } }
  return {
    ...listPaths(schemas),
    ...rulePath(schemas, edit),
    ...ruleSetPaths({ schema: RuleInput, headers: EditHeaders.pick({ "If-Match": true, "X-Note": true }) }),
    ...versionPaths(schemas, edit),
    ...previewPaths(RuleInput),
    "/rules/{id}/snooze": snoozePaths({ noun: "rule", schema: Rule, edit, versioned: Versioned }),
  }
}

type Schemas = ReturnType<typeof describedSchemas>

const always = problems(401, 500, 503)

function bodyOf(schema: z.ZodType) {
  return { required: true, content: { "application/json": { schema, example: EXAMPLE } } }
}

function listPaths({ Rule, RuleInput, RuleList }: Schemas): ZodOpenApiPathsObject {
  const requestBody = bodyOf(RuleInput)
  return {
    "/rules": {
      get: {
        operationId: "listRules",
        tags: ["rules"],
        summary: "List the rules in force, sorted by id",
        responses: { 200: json(RuleList, "The rules."), ...always },
      },
      post: {
        operationId: "createRule",
        tags: ["rules"],
        summary: "Add a rule",
        requestParams: { header: EditHeaders.pick({ "If-None-Match": true, "X-Note": true }) },
        requestBody,
        responses: {
          201: json(
            Rule,
            "The new rule, at version 1, or at the next version if its id was deleted before.",
            Located,
          ),
          ...problems(400, 409, 412, 413),
          ...always,
        },
      },
    },
  }
}

function rulePath({ Rule, UnreadableRule, RuleInput }: Schemas, edit: object): ZodOpenApiPathsObject {
  const requestBody = bodyOf(RuleInput)
  return {
    "/rules/{id}": {
      get: {
        operationId: "readRule",
        tags: ["rules"],
        summary: "Read a rule",
        requestParams: { path: IdParameter },
        responses: {
          200: json(z.union([Rule, UnreadableRule]), "The rule.", Versioned),
          ...problems(404),
          ...always,
        },
      },
      put: {
        operationId: "replaceRule",
        summary: "Replace a rule, or add one with this id",
        ...edit,
        requestBody,
        responses: {
          200: json(Rule, "The rule, at its next version.", Versioned),
          201: json(Rule, "The new rule; there was none with this id.", Located),
          ...problems(400, 409, 412, 413, 428),
          ...always,
        },
      },
      patch: {
        operationId: "editRule",
        summary:
          "Change some of a rule, by a JSON merge patch (RFC 7396): null takes a field back to its default",
        ...edit,
        requestBody: {
          required: true,
          content: { "application/merge-patch+json": PATCH, "application/json": PATCH },
        },
        responses: {
          200: json(Rule, "The rule, at its next version.", Versioned),
          ...problems(400, 404, 409, 412, 413, 428),
          ...always,
        },
      },
      delete: {
        operationId: "deleteRule",
        summary: "Delete a rule. A default rule stays deleted.",
        ...edit,
        responses: {
          204: { description: "It is deleted." },
          ...problems(400, 404, 409, 412, 413, 428),
          ...always,
        },
      },
    },
  }
}

function versionPaths({ Rule }: Schemas, edit: object): ZodOpenApiPathsObject {
  return {
    "/rules/{id}/versions": {
      get: {
        operationId: "listRuleVersions",
        tags: ["rules"],
        summary: "List the versions of a rule, the newest first: at least the last hundred",
        requestParams: { path: IdParameter, query: VersionQuery },
        responses: { 200: json(RuleVersionList, "The versions."), ...problems(400, 404), ...always },
      },
    },
    "/rules/{id}/restore": {
      post: {
        operationId: "restoreRule",
        summary: "Put back what a rule was at a version, as its next version; also of one that was deleted",
        ...edit,
        requestBody: {
          required: true,
          content: { "application/json": { schema: RestoreBody.schema, example: { version: 1 } } },
        },
        responses: {
          200: json(Rule, "The rule, at its next version.", Versioned),
          201: json(Rule, "The rule; it was deleted before.", Located),
          ...problems(400, 404, 409, 412, 413, 428),
          ...always,
        },
      },
    },
  }
}

const EXAMPLE = {
  name: "Long and angry",
  severity: "critical",
  when: { duration: { gte: 120 }, "sentiment.angry": { gte: 0.4 } },
}

/** What a patch may say is what the patched rule may say, and null. */
const PATCH = {
  schema: z.record(z.string(), z.unknown()).meta({ id: "RulePatch" }),
  example: { mode: "shadow", note: "Too many alerts at night" },
}

const IdParameter = z.object({ id: RuleId.meta({ description: "The rule's id.", example: "low-score" }) })

const EditHeaders = z.object({
  "If-Match": z
    .string()
    .optional()
    .describe(
      "The ETag of the version that you read; the edit is refused if there is a newer one. Needed if there is such a rule, " +
        "unless the body says its version. `*` stands for any.",
    ),
  "If-None-Match": z.string().optional().describe("`*`: refused if there is such a rule."),
  "X-Note": z.string().optional().describe("Why you make this edit, percent-encoded; kept with the version."),
})

const Versioned = z.object({ etag: z.string().describe("The rule's version, for If-Match.") })

const Located = Versioned.extend({ location: z.string().describe("The rule's address.") })

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds. */
const DURATION = /^P(?=.)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/

/** The schemas above with names of their own, and with what a condition may say, which only code can check. */
function describedSchemas() {
  const override = conditionSchema("#/components/schemas/Condition")
  const Condition = z.unknown().meta({ id: "Condition", override })
  const example = RuleView.optional().parse(DEFAULT_RULES.find((rule) => rule.id === "low-score"))
  const Rule = RuleView.extend({ when: Condition }).meta({ id: "Rule", examples: [example] })
  // What the parser checks by code: patterns say as much of it as a schema can.
  const name = z.string().min(1).max(80).regex(/\S/).describe("Shown in alerts as the reason.")
  const settle = z
    .string()
    .regex(DURATION)
    .default("PT30M")
    .describe(`${RuleBody.shape.settle.description} At most PT6H.`)
  const RuleInput = RuleBody.extend({ name, settle, when: Condition }).meta({ id: "RuleInput" })
  const UnreadableRule = UnreadableRuleView.meta({ id: "UnreadableRule" })
  const rules = z.array(z.union([Rule, UnreadableRule]))
  return { Rule, UnreadableRule, RuleInput, RuleList: RuleList.extend({ rules }).meta({ id: "RuleList" }) }
}
