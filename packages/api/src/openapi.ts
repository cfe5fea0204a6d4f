/**
 * The API's description, OpenAPI 3.1, made from the schemas that check it and the catalogue of fields, so that it
 * cannot say anything else than the code.
 */
import { CHOICES_MAX, DEPTH_MAX, LEAVES_MAX, OPERATORS, TEXT_MAX } from "@earshot/core/rule/condition"
import { DEFAULT_RULES } from "@earshot/core/rule/default-rule"
import { FIELDS, type Field } from "@earshot/core/rule/field"
import * as z from "zod"
import { problem } from "./problem.ts"
import { Health } from "./route/health.ts"
import { RULE_REFUSED, RuleBody, RuleList, RuleView } from "./route/rule.ts"

type Json = Record<string, unknown>

let document: Json | null = null

/** Made once: it is the same for every caller. */
export function openApiDocument(): Json {
  document ??= {
    openapi: "3.1.0",
    info: {
      title: "Earshot",
      version: "0.1.0",
      description:
        "The rules by which Earshot tells people about calls that went wrong, and how it is doing.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    tags: [
      {
        name: "rules",
        description: "What makes a call worth telling about. An edit takes effect at the next poll.",
      },
      { name: "health", description: "Whether the poller runs and can read the calls." },
    ],
    paths: {
      "/rules": {
        get: operation("listRules", "rules", "Every rule in force, by id", {
          200: json("RuleList", "The rules."),
        }),
        post: {
          ...operation("createRule", "rules", "Add a rule", {
            201: json("Rule", "The rule, at version 1, or the next one if it was deleted before.", {
              ...ETAG,
              ...LOCATION,
            }),
            ...problems(400, 409, 413),
          }),
          requestBody: RULE_BODY,
        },
      },
      "/rules/{id}": {
        parameters: [
          {
            name: "id",
            in: "path",
            required: true,
            description: "The rule's id.",
            schema: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,62}$" },
            example: "low-score",
          },
        ],
        get: operation("readRule", "rules", "One rule", {
          200: json("Rule", "The rule.", ETAG),
          ...problems(404),
        }),
        put: {
          ...operation("replaceRule", "rules", "Replace a rule, or add it under this id", {
            200: json("Rule", "The rule, at its next version.", ETAG),
            201: json("Rule", "The rule, which did not exist.", { ...ETAG, ...LOCATION }),
            ...problems(400, 409, 412, 413),
          }),
          parameters: [IF_MATCH],
          requestBody: RULE_BODY,
        },
        delete: {
          ...operation("deleteRule", "rules", "Delete a rule; one from the start stays deleted", {
            204: { description: "It is deleted." },
            ...problems(404, 409, 412),
          }),
          parameters: [IF_MATCH],
        },
      },
      "/health": {
        get: {
          ...operation("readHealth", "health", "How the poller is", {
            200: json("Health", "It runs."),
            503: {
              description: "It does not run, or cannot read the calls, or there is no table.",
              content: { ...HEALTH_CONTENT, ...PROBLEM_CONTENT },
            },
          }),
          security: [],
        },
      },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The value of API_TOKEN." } },
      schemas: {
        Rule: ruleSchema(RuleView, "output"),
        RuleInput: ruleSchema(RuleBody, "input"),
        RuleList: {
          ...schema(RuleList, "output"),
          properties: { rules: { type: "array", items: { $ref: "#/components/schemas/Rule" } } },
        },
        Condition: conditionSchema(),
        Health: schema(Health, "output"),
        Problem: PROBLEM,
      },
    },
  }
  return document
}

const ETAG = { etag: { description: "The rule's version, for If-Match.", schema: { type: "string" } } }

const LOCATION = { location: { description: "Where the rule is.", schema: { type: "string" } } }

const CHALLENGE = {
  "www-authenticate": { description: "Asks for a bearer token.", schema: { type: "string" } },
}

const IF_MATCH = {
  name: "If-Match",
  in: "header",
  description: "The etag of the version that was read; the edit is refused if there is a newer one.",
  schema: { type: "string" },
}

const HEALTH_CONTENT = { "application/json": { schema: { $ref: "#/components/schemas/Health" } } }

const PROBLEM_CONTENT = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }

const RULE_BODY = {
  required: true,
  content: {
    "application/json": {
      schema: { $ref: "#/components/schemas/RuleInput" },
      example: {
        name: "Long and angry",
        severity: "critical",
        when: { duration: { gte: 120 }, "sentiment.angry": { gte: 0.4 } },
      },
    },
  },
}

const PROBLEM: Json = {
  type: "object",
  description: "Problem details, RFC 9457.",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What is wrong and what to do." },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: {
          path: {
            type: "string",
            description: "A JSON pointer into the body.",
            examples: ["/when/score/lte"],
          },
          message: { type: "string", description: "What would be right." },
        },
      },
    },
  },
  examples: [
    problem(400, RULE_REFUSED, [{ path: "/when/scor", message: "is no field; did you mean score?" }]),
  ],
}

const PROBLEM_TEXT: Record<number, string> = {
  400: "The body does not check; each error has its path. Nothing was stored.",
  401: "The token is missing or wrong.",
  404: "There is no such rule.",
  409: "It exists already, or was edited at the same moment.",
  412: "It has another version than If-Match says.",
  413: "The body is too large.",
  500: "Something failed that should not.",
  503: "There is no table: it was not made, or the API looks for another.",
}

function operation(operationId: string, tag: string, summary: string, responses: Json): Json {
  const always = tag === "health" ? problems(500) : problems(401, 500, 503)
  return { operationId, tags: [tag], summary, responses: { ...responses, ...always } }
}

function json(name: string, description: string, headers?: Json): Json {
  return {
    description,
    ...(headers && { headers }),
    content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
  }
}

function problems(...statuses: number[]): Json {
  return Object.fromEntries(
    statuses.map((status) => {
      const headers = status === 401 && { headers: CHALLENGE }
      return [status, { description: PROBLEM_TEXT[status], ...headers, content: PROBLEM_CONTENT }]
    }),
  )
}

function schema(type: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(type, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // The format says the same in nine characters.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern
    },
  })
  return rest
}

function ruleSchema(type: z.ZodType, io: "input" | "output"): Json {
  const rule = schema(type, io)
  const properties = typeof rule["properties"] === "object" ? rule["properties"] : {}
  return {
    ...rule,
    properties: { ...properties, when: { $ref: "#/components/schemas/Condition" } },
    ...(io === "output" && { examples: [ruleExample()] }),
  }
}

/** One that exists from the start, as it is read. */
function ruleExample(): RuleView | undefined {
  return RuleView.optional().parse(DEFAULT_RULES.find((rule) => rule.id === "low-score"))
}

/** Written by hand: the schema that checks a condition is code, which finds better words for what is wrong. */
function conditionSchema(): Json {
  const self = { $ref: "#/components/schemas/Condition" }
  return {
    type: "object",
    description: `Keys are fields, all of which must hold; all, any and not combine. A bare value means equal. At most ${LEAVES_MAX} comparisons, ${DEPTH_MAX} levels.`,
    minProperties: 1,
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(FIELDS.map((field) => [field.name, fieldSchema(field)])),
      all: { type: "array", minItems: 1, items: self, description: "Every one of these holds." },
      any: { type: "array", minItems: 1, items: self, description: "At least one of these holds." },
      not: { ...self, description: "This does not hold." },
    },
    examples: [{ flagged: true }, { any: [{ score: { lte: 2 } }, { "sentiment.angry": { gte: 0.5 } }] }],
  }
}

function fieldSchema({ type, about, source }: Field): Json {
  const value =
    type === "number"
      ? { type }
      : type === "boolean"
        ? { type }
        : { type: "string", minLength: 1, maxLength: TEXT_MAX }
  const operators = OPERATORS[type].map((operator) => {
    if (operator === "exists") return [operator, { type: "boolean" }]
    if (operator === "in")
      return [operator, { type: "array", minItems: 1, maxItems: CHOICES_MAX, items: value }]
    return [operator, value]
  })
  return {
    description: source === "detail" ? `${about} Costs a detail request.` : about,
    anyOf: [
      value,
      {
        type: "object",
        minProperties: 1,
        additionalProperties: false,
        properties: Object.fromEntries(operators),
      },
    ],
  }
}
