/** What the document says of the routes under /alerts. */
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { AlertList, AlertView } from "./alert-view.ts"
import { json, problems } from "./operation.ts"
import { AlertQuery, Saying } from "./route/alert.ts"

export function alertPaths(): ZodOpenApiPathsObject {
  const alert = AlertView.meta({ id: "Alert" })
  const list = AlertList.meta({ id: "AlertList" })
  const id = z.string().meta({
    description: "The id of its call, or the eight characters that a message gives.",
    examples: ["0c5d5b0e-3b0e-4f0e-9a55-0a4f7e1f2a11", "K3V9M2XQ"],
  })
  const one = { tags: ["alerts"], requestParams: { path: z.object({ id }) } }
  return {
    "/alerts": {
      get: {
        tags: ["alerts"],
        operationId: "listAlerts",
        summary: "List what people were alerted to, the newest first, or what a digest was about",
        requestParams: { query: AlertQuery },
        responses: { 200: json(list, "The alerts."), ...problems(400, 401, 404, 500, 503) },
      },
    },
    "/alerts/{id}": {
      get: {
        ...one,
        operationId: "readAlert",
        summary: "Read an alert: why, where it was sent, and what people said of it",
        responses: { 200: json(alert, "The alert."), ...problems(401, 404, 409, 500, 503) },
      },
    },
    "/alerts/{id}/acknowledge": {
      post: {
        ...one,
        operationId: "acknowledgeAlert",
        summary:
          "Say that you have seen an alert, and whether it was right; what was said before is replaced",
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: Saying.meta({ id: "Acknowledgement" }),
              example: { by: "Ann", verdict: "fine", note: "She was joking." },
            },
          },
        },
        responses: {
          200: json(alert, "The alert as it is now."),
          ...problems(400, 401, 404, 409, 413, 500, 503),
        },
      },
      delete: {
        ...one,
        operationId: "unacknowledgeAlert",
        summary: "Take back what was said of an alert",
        responses: { 200: json(alert, "The alert as it is now."), ...problems(401, 404, 409, 413, 500, 503) },
      },
    },
  }
}
