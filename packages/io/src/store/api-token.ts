/** A token of the HTTP API as it is stored: by its hash, so that whoever reads the table can use none. */
import * as z from "zod"

export const TokenAccess = z.enum(["read", "write"])

export type TokenAccess = z.infer<typeof TokenAccess>

export const TokenName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be lower-case letters, digits and hyphens, at most 40")

export const ApiToken = z.object({
  name: TokenName,
  /** Anything that a newer Earshot may allow counts as reading. */
  access: TokenAccess.catch("read"),
  /** SHA-256 of the token, in hex. That is enough, because a token is random: there is no list of likely ones to try. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  createdBy: z.string().nullable().default(null),
  version: z.number().int().min(1),
  isRevoked: z.boolean().default(false),
})

export type ApiToken = z.infer<typeof ApiToken>
