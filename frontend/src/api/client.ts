/** The API of the same origin. What it says is history and convenience; figures to be signed are read from the chain. */

import type { DeleteRoutes, GetRoutes, PostRoutes, Problem } from "./schema";

type Value = string | number | boolean | undefined | null | readonly (string | number)[];
/** Path parameters and query alike, by name. */
export type Parameters = Record<string, Value>;

/** A refusal of the API, with its texts in both languages (RFC 9457). */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export function get<Path extends keyof GetRoutes>(path: Path, parameters: Parameters = {}) {
  return ask<GetRoutes[Path]["answer"]>("GET", urlOf(path, parameters));
}

export function post<Path extends keyof PostRoutes>(path: Path, body: unknown, parameters: Parameters = {}) {
  return ask<PostRoutes[Path]["answer"]>("POST", urlOf(path, parameters), JSON.stringify(body));
}

/** Rows of a file, as CSV or JSON. */
export function upload<Path extends keyof PostRoutes>(path: Path, file: Blob, type: string, parameters: Parameters) {
  return ask<PostRoutes[Path]["answer"]>("POST", urlOf(path, parameters), file, type);
}

export function remove(path: keyof DeleteRoutes, parameters: Parameters = {}) {
  return ask<undefined>("DELETE", urlOf(path, parameters));
}

/** `{name}` in the path is filled from the parameters, the others become the query. */
export function urlOf(path: string, parameters: Parameters): string {
  const rest = new URLSearchParams();
  const used = new Set<string>();
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    return encodeURIComponent(String(parameters[name]));
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (used.has(name) || value === undefined || value === null || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) rest.append(name, String(each));
  }
  return rest.size ? `${filled}?${rest}` : filled;
}

async function ask<Answer>(method: string, url: string, body?: BodyInit, type = "application/json"): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "Content-Type": type },
    ...(body === undefined ? {} : { body }),
  });
  if (!answer.ok) throw new ApiProblem(await problemOf(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return await answer.json();
  } catch {
    const text = { en: "The service did not answer as it should.", zh: "服务未能正常响应。" };
    return {
      type: "",
      title: "",
      status: answer.status,
      detail: "",
      code: "ServiceUnreadable",
      values: {},
      notices: text,
    };
  }
}
