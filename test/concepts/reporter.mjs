/** For Node's test runner: one line of JSON a test. */
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    yield `${JSON.stringify({ title: data.name, passed: type === "test:pass" })}\n`;
  }
}
