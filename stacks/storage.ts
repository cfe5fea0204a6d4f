/**
 * The one table that everything is kept in, and who may do what with it.
 *
 * `pk` and `sk` are the only keys. The index `due` is sparse: an item is in it only while it owes somebody
 * something, so asking it costs nothing when nothing is owed. The index `alerts` has the calls with an alert, by time.
 */

export type Storage = ReturnType<typeof createStorage>

/** `tableAccess`: what a function needs to work with the table and to ask these indexes, to be put among its permissions. */
export function createStorage({ isProtected }: { isProtected: boolean }) {
  const table = new sst.aws.Dynamo("Table", {
    fields: { pk: "string", sk: "string", duePk: "string", dueAt: "number", raisedAt: "number" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: {
      // How much is pending is told from the index alone; what is sent is first read whole, and consistently.
      due: { hashKey: "duePk", rangeKey: "dueAt", projection: ["pending"] },
      // Only an alert has the time, and keeps it: it costs this index one write.
      alerts: { hashKey: "pk", rangeKey: "raisedAt", projection: "keys-only" },
    },
    ttl: "expiresAt",
    // SST's own protection covers `sst remove` only, not a replacement or a click in the console.
    deletionProtection: isProtected,
  })
  return { table, tableAccess: (...indexes: ("due" | "alerts")[]) => accessTo(table, indexes) }
}

/** Nothing is ever deleted by the app: an item goes by its TTL. So there is no right to delete, nor to scan. */
function accessTo(table: sst.aws.Dynamo, indexes: readonly string[]) {
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
    {
      actions: ["dynamodb:Query"],
      resources: indexes.map((index) => $interpolate`${table.arn}/index/${index}`),
    },
  ]
}
