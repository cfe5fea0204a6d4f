/** The part of dynalite that is used; it has no types of its own. */
declare module "dynalite" {
  import type { Server } from "node:http"
  /** `createTableMs`: how long a table is being created. */
  export default function dynalite(options?: {
    path?: string
    createTableMs?: number
    deleteTableMs?: number
    updateTableMs?: number
  }): Server
}
