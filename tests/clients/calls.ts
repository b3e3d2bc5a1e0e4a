// What test_clients.py has the generated client do; each answer is one line of JSON.

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Result = components["schemas"]["CategoryMultiStatusResult"];

const client = createClient<paths, "application/json">({ baseUrl: process.argv[2] ?? "" });

function show(results: Result[] | undefined, response: Response): void {
  const facts = results?.map((result) => ({
    status: result.status,
    name: result.data?.name,
    pointer: result.error?.errors?.[0]?.pointer,
  }));
  const summary = response.headers.get("Multistatus-Summary");
  console.log(JSON.stringify({ status: response.status, facts, summary }));
}

const created = await client.POST("/api/categories/bulk/", {
  body: [{ name: "Tea" }, { name: "" }],
});
show(created.data?.results, created.response);
const id = created.data?.results[0]?.data?.id ?? 0;

const updated = await client.PUT("/api/categories/bulk/", {
  params: { query: { atomic: true }, header: { Prefer: "return=minimal" } },
  body: [{ id, name: "Green tea" }],
});
show(updated.data?.results, updated.response);

const mixed = await client.POST("/api/categories/batch/", {
  body: {
    operations: [
      { method: "POST", ref: "a", data: { name: "Coffee" } },
      { method: "PATCH", key: id, data: { name: "White tea" } },
      { method: "DELETE", key: id },
    ],
  },
});
show(mixed.data?.results, mixed.response);

const deleted = await client.DELETE("/api/categories/bulk/", { body: [id] });
show(deleted.data?.results, deleted.response);

const refused = await client.POST("/api/categories/bulk/", { body: [] });
console.log(JSON.stringify({ status: refused.response.status, ...refused.error }));

// What the types forbid.
// @ts-expect-error -- an update names its key
void (() => client.PUT("/api/categories/bulk/", { body: [{ name: "Tea" }] }));
// @ts-expect-error -- a delete has no data
const wrong: components["schemas"]["CategoryDestroyOperation"] = { method: "DELETE", key: 1, data: {} };
void wrong;
