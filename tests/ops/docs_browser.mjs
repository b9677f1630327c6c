// /docs/ as a person sees it: headless Chromium opens it, authorises with the web key, tries an operation and reads the
// answer. Every request is recorded; one that leaves the host fails the run, whether or not it would have got through.
// Run it under with_demo.sh. Needs playwright-core (NODE_PATH, install_tools.sh) and a Chromium (CHROMIUM).
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(import.meta.url)("playwright-core");

const base = process.env.MASTHEAD_BASE_URL;
const key = process.env.MASTHEAD_WEB_KEY;
if (!base || !key) throw new Error("run this under with_demo.sh");
const ready = JSON.parse(readFileSync(process.env.MASTHEAD_READY_FILE, "utf8"));
const article = ready.articles.find((a) => a.stage === "published" && a.origin === "own");
const host = new URL(base).host;

const faults = [];
const requests = [];
const profile = mkdtempSync(join(tmpdir(), "masthead-chromium-"));
let step = "start";
const say = (text) => { step = text; console.log(`docs_browser: ${text}`); };

const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 1600 },
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
  ],
});
try {
  context.setDefaultTimeout(30_000);
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const inside = url.host === host || url.protocol === "data:" || url.protocol === "blob:";
    return inside ? route.continue() : route.abort();
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    requests.push(`${request.method()} ${request.url().slice(0, 200)}`);
    if (url.host !== host && url.protocol !== "data:" && url.protocol !== "blob:") {
      faults.push(`a request leaves the host: ${request.url()}`);
    }
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", (error) => faults.push(`an error in the page: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`an error in the console: ${message.text()}`);
  });

  say("opens /docs and is led to /docs/");
  await page.goto(`${base}/docs`, { waitUntil: "networkidle" });
  if (new URL(page.url()).pathname.replace(/index\.html$/, "") !== "/docs/") {
    faults.push(`/docs led to ${page.url()}`);
  }

  say("sees the operations");
  const operations = page.locator(".swagger-ui .opblock");
  await operations.first().waitFor();
  const shown = await operations.count();
  const described = await page.evaluate(async () => {
    const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    const spec = await (await fetch("/openapi.json")).json();
    return Object.values(spec.paths).flatMap((p) => Object.keys(p).filter((m) => methods.includes(m))).length;
  });
  console.log(`docs_browser: ${shown} operations shown, ${described} described`);
  if (shown !== described || shown === 0) faults.push(`${shown} operations shown, ${described} described`);

  say("authorises with the web key");
  await page.locator(".swagger-ui .scheme-container button.authorize, .swagger-ui .auth-wrapper > button.authorize").first().click();
  const dialog = page.locator(".swagger-ui .dialog-ux .modal-ux");
  await dialog.waitFor();
  // One container for each scheme; the API key's heading ends in "(apiKey)".
  const scheme = dialog.locator(".auth-container", { hasText: "(apiKey)" }).first();
  await scheme.locator("input").first().fill(key);
  await scheme.locator("button.authorize, button[type=submit]").first().click();
  await scheme.locator("button", { hasText: /logout/i }).waitFor(); // it offers that when it holds the key
  await dialog.locator("button.btn-done, button.close-modal").first().click();

  say("tries GET /v1/articles/{id}");
  const block = page.locator(".opblock-get", {
    has: page.locator('.opblock-summary-path[data-path="/v1/articles/{id}"], .opblock-summary-path__deprecated[data-path="/v1/articles/{id}"]'),
  });
  if ((await block.count()) !== 1) throw new Error(`GET /v1/articles/{id} is there ${await block.count()} times`);
  await block.locator(".opblock-summary-control, .opblock-summary").first().click();
  await block.locator(".try-out__btn").click();
  // What the document gives as examples is filled in; here only the id is wanted.
  for (const row of await block.locator("tr[data-param-name]").all()) {
    const name = await row.getAttribute("data-param-name");
    const input = row.locator("input[type=text]").first();
    if (name === "id") await input.fill(article.id);
    else if (await input.count()) await input.fill("");
    const select = row.locator("select").first();
    if ((await select.count()) && (await select.locator('option[value=""]').count())) await select.selectOption("");
  }
  const answered = page.waitForResponse((r) => new URL(r.url()).pathname === `/v1/articles/${article.id}`);
  await block.locator("button.execute").click();
  const response = await answered;
  const sent = await response.request().allHeaders();
  const status = await block.locator(".live-responses-table .response .response-col_status").first();
  await status.waitFor();
  const text = await block.locator(".live-responses-table .response").first().innerText();

  say("reads the answer");
  const json = await response.json();
  console.log(`docs_browser: ${response.status()} ${json.attribution?.credit_line} | ${json.title}`);
  if (response.status() !== 200) faults.push(`the answer is ${response.status()}`);
  if (!(await status.innerText()).trim().startsWith("200")) faults.push("the page does not show 200");
  if (!json.attribution?.credit_line) faults.push("the answer has no credit line");
  else if (!text.includes(json.attribution.credit_line)) faults.push("the page does not show the credit line");
  if (sent["x-api-key"] !== key && sent.authorization !== `Bearer ${key}`) faults.push("the key was not sent");
  if (!json.body?.value?.length) faults.push("the answer has no body: the key did not count");
  if (process.env.MASTHEAD_SCREENSHOT) {
    await block.scrollIntoViewIfNeeded();
    await page.screenshot({ path: process.env.MASTHEAD_SCREENSHOT });
  }
} catch (error) {
  faults.push(`at "${step}": ${error.stack}`);
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`docs_browser: ${requests.length} requests, all recorded`);
if (requests.length === 0) faults.push("no request was recorded");
for (const fault of faults) console.error(`docs_browser: FAIL ${fault}`);
if (faults.length) process.exit(1);
console.log("docs_browser: all well, no request left the host");
