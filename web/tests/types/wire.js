// Writes the types of the API, as the document of the API has them: `wire.d.ts` beside this file, for the checks of the
// pages' modules. It is made anew at each check and never committed, so the document stays the one truth.

import { readFileSync, writeFileSync } from "node:fs";

const at = (path) => new URL(path, import.meta.url);
const api = JSON.parse(readFileSync(at("../../../docs/openapi.json"), "utf8"));

const PRIMITIVES = { integer: "number", number: "number", string: "string", boolean: "boolean", null: "null" };

/** A schema as a type. */
function type(schema) {
  if (!schema || Object.keys(schema).length === 0) return "unknown";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map(type).join(" | ");
  if (schema.allOf) return schema.allOf.map(type).join(" & ");
  return [schema.type].flat().map((kind) => ofKind(kind, schema)).join(" | ");
}

function ofKind(kind, schema) {
  if (kind === "array") return `Array<${type(schema.items)}>`;
  if (kind !== "object") return PRIMITIVES[kind] ?? "unknown";
  if (typeof schema.additionalProperties === "object") return `Record<string, ${type(schema.additionalProperties)}>`;
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => `${JSON.stringify(name)}${required.has(name) ? "" : "?"}: ${type(field)};`,
  );
  return `{ ${fields.join(" ")} }`;
}

const json = (content) => content?.["application/json"]?.schema;

/** What a call's envelope carries; null where the answer is none of ours. */
function data(operation) {
  const answer = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const schema = json(answer?.[1].content)?.properties?.data;
  return schema ? type(schema) : null;
}

/** What is sent with a call: most send nothing. */
function sent(operation) {
  const schema = json(operation.requestBody?.content);
  return schema ? type(schema) : "undefined";
}

/** The calls, those with most of their address fixed first: a hole takes whatever is left. */
const calls = Object.entries(api.paths)
  .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  .filter(({ operation }) => data(operation) !== null)
  .sort((a, b) => b.path.replace(/\{\w+\}/g, "").length - a.path.replace(/\{\w+\}/g, "").length)
  .map(({ path, method, operation }) => {
    const call = `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "${string}")}`;
    return { call, data: data(operation), body: sent(operation) };
  });

/** A type that gives, for a call such as `GET /v1/sale`, what `part` has of it. */
const choice = (name, part) =>
  [`  type ${name}<C extends string> =`, ...calls.map((one) => `    C extends \`${one.call}\` ? ${one[part]} :`), "    never;"].join("\n");

const schemas = Object.entries(api.components.schemas).filter(([name]) => !name.endsWith("Problem") || name === "Problem");

writeFileSync(
  at("wire.d.ts"),
  `// Written by wire.js from docs/openapi.json.

declare namespace Wire {
${schemas.map(([name, schema]) => `  type ${name} = ${type(schema)};`).join("\n")}

  type Call<M extends string, P extends string> = P extends \`\${infer A}?\${string}\` ? \`\${M} \${A}\` : \`\${M} \${P}\`;
${choice("DataOf", "data")}
${choice("BodyOf", "body")}

  /** What a call is answered with. */
  type Data<M extends string, P extends string> = DataOf<Call<M, P>>;
  /** What is sent with it. */
  type Body<M extends string, P extends string> = BodyOf<Call<M, P>>;
  /** The method, where the API has it at that address. */
  type Method<M extends string, P extends string> = M & ([Data<M, P>] extends [never] ? never : string);
}
`,
);
