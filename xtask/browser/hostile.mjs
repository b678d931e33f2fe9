// What a page does with names that look like markup or like a formula.

import { savedTable } from "./behaviour.mjs";

export async function checkHostile(page, check) {
  const say = (holds, words) => check(holds, `hostile: ${words}`);
  page.on("dialog", () => say(false, "a name was run as a script"));
  const cases = await page.locator("#case option").allTextContents();
  say(cases.includes("<script>alert(1)</script>") && cases.includes("=cmd()"), `the cases are ${cases}`);
  await page.locator("#case").selectOption({ label: "<script>alert(1)</script>" });
  say(await page.locator("script").count() === 2 && await page.locator("img").count() === 0, "a name became an element");
  const csv = await savedTable(page, "totals");
  say(csv.text.includes("\r\n'=cmd(),") && !csv.text.includes("\r\n=cmd()"), "a formula is saved as it is");
  await page.locator('details[data-table="failures"] summary').click();
  const reasons = await page.locator('details[data-table="failures"] tbody').textContent();
  say(reasons.includes("</script><img src=x>"), `the reasons are ${reasons.slice(0, 200)}`);
  await page.locator("#heat button").first().click();
  say(await page.locator("dialog#cell").isVisible(), "a cell does not open");
  await page.close();
}
