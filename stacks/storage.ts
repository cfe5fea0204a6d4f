/**
 * The one table that everything is kept in, and who may do what with it.
 *
 * `pk` and `sk` are the only keys. The index `due` is sparse: an item is in it only while it owes somebody
 * something, so asking it costs nothing when nothing is owed.
 */

export type Storage = ReturnType<typeof createStorage>

/** `tableAccess` is what a function needs to work with the table, to be put among its permissions. */
export function createStorage() {
  const table = new sst.aws.Dynamo("Table", {
    fields: { pk: "string", sk: "string", duePk: "string", dueAt: "number" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    // How much is pending is told from the index alone; what is sent is first read whole, and consistently.
    globalIndexes: { due: { hashKey: "duePk", rangeKey: "dueAt", projection: ["pending"] } },
    ttl: "expiresAt",
    // SST's own protection covers `sst remove` only, not a replacement or a click in the console.
    deletionProtection: $app.stage === "production",
  })
  return { table, tableAccess: accessTo(table) }
}

/** Nothing is ever deleted by the app: an item goes by its TTL. So there is no right to delete, nor to scan. */
function accessTo(table: sst.aws.Dynamo) {
  return [
    {
      actions: [
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
      ],
      resources: [table.arn],
    },
    { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/due`] },
  ]
}
