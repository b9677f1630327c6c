// What a frontend does with the types made from our description. It is compiled, never run: that it compiles is the
// test. The lines marked as errors must be errors, or the types say nothing.
import type { paths } from "./masthead";

type Json<R> = R extends { content: { "application/json": infer Body } } ? Body : never;
type Problem<R> = R extends { content: { "application/problem+json": infer Body } } ? Body : never;

type GetArticle = paths["/v1/articles/{id}"]["get"];
type Article = Json<GetArticle["responses"][200]>;
type NotFound = Problem<GetArticle["responses"][404]>;
type Articles = Json<paths["/v1/articles"]["get"]["responses"][200]>;
type Login = Json<paths["/v1/auth/login"]["post"]["responses"][200]>;

// The credit is never optional: this is the rule of the house, as a client's compiler sees it.
export function credit(article: Article): string {
  return article.attribution.credit_line;
}

export function credits(page: Articles): string[] {
  return page.data.map((article) => article.attribution.credit_line);
}

export function next(page: Articles): string | null {
  return page.page.has_more ? (page.page.next_cursor ?? null) : null;
}

export function explain(problem: NotFound): string {
  return `${problem.status} ${problem.title}`;
}

export function bearer(login: Login): string {
  return `Bearer ${login.access_token}`;
}

export function wrong(article: Article): void {
  // @ts-expect-error there is no such field
  void article.attribution.no_such_field;
  // @ts-expect-error the credit line is a string
  const n: number = article.attribution.credit_line;
  void n;
}
