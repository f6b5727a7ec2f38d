export { unwrap, type Api, type Schemas } from "./api.js";
export { Buyer, type Calling, type Once, type Waiting } from "./buyer.js";
export { NoAnswer, OnsaleError, Problem, TurnOver, type ProblemCode, type ProblemDocument } from "./errors.js";
export type { paths } from "./generated/api.js";
export { Onsale, type Somebody } from "./onsale.js";
export type { Place } from "./place.js";
export { solve } from "./proof.js";
export { Shop, type Following, type Page } from "./shop.js";
export type { Options, Retry } from "./transport.js";
