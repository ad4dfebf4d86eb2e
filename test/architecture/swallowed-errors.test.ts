import { describe, expect, test } from "vitest";
import { read, repositoryFiles } from "./repository.ts";
import { swallowedErrors } from "./swallowed-errors.ts";

/**
 * No error is lost: over every file that runs, and by planted ones, because a check that cannot
 * fail proves nothing.
 */
const files = repositoryFiles()
  .filter((path) => /^(edge|protocols|simulators|control-ui)\/.*\.tsx?$/.test(path))
  .map(read);

test("no error is swallowed in any file that runs", () => {
  expect(files.length).toBeGreaterThan(400);
  expect(files.filter(({ text }) => /\bcatch\b/.test(text)).length).toBeGreaterThan(30);
  expect(files.flatMap(swallowedErrors)).toEqual([]);
});

const rulesFor = (text: string): string[] =>
  swallowedErrors({ path: "edge/planted.ts", text }).map(({ rule }) => rule);

describe("caught are", () => {
  test.each([
    "try { act(); } catch {}",
    "try { act(); } catch (error) {}",
    "try { act(); } catch { /* It does not matter. */ }",
    "try { act(); } catch {\n  // It does not matter.\n}",
    "try { act(); } catch { failed += 1; }",
    "try { act(); } catch { return; }",
    "try { act(); } catch (error) { failed += 1; }",
    "try { act(); } catch (error: unknown) { return; }",
    "await act().catch(() => {});",
    "await act().catch((error) => {});",
    "await act().catch((_error: unknown) => {});",
    "await act().then(done, () => {});",
    "await act().catch(() => undefined);",
    "await act().catch(() => void 0);",
    "await act().catch(() => { failed += 1; });",
    'socket.on("error", () => {});',
    'worker.once("error", () => { isWorking = false; });',
    "client.subscribe(filter, { qos: 1 }, () => {});",
    "client.subscribe(namesOf(all), (_error) => {});",
    "socket.send(text, () => {});",
    "port.close(() => {});",
    "await act().catch(noop);",
    "await act().catch(ignoreIt);",
    "await act().catch(lodash.noop);",
    "const deaf = () => {}; await act().catch(deaf);",
    "const deaf: Hears = (): void => {}; await act().catch(deaf);",
    "function deaf(): void {} socket.on('error', deaf);",
    'socket.on("error", ignore);',
    'const path = "images/*"; try { act(); } catch {} const all = "*/*";',
  ])("%s", (text) => {
    expect(rulesFor(text)).toHaveLength(1);
  });
});

describe("let through are", () => {
  test.each([
    "try { act(); } catch (error) { log.warn('not done', { error }); }",
    "try { act(); } catch { return { kind: 'unreadable' }; }",
    "try { act(); } catch { return null; }",
    "try { act(); } catch (error) { if (isOurs(error)) return 0; throw error; }",
    "await act().catch(() => nothingMoved);",
    "await act().catch((error: unknown) => fail(error));",
    "await act().catch(fail);",
    "const quiet = () => {}; await act().then(quiet).catch(fail);",
    "// try { act(); } catch {}",
    'socket.on("error", (error) => fail(error));',
    'process.stdout.on("error", () => { process.exit(0); });',
    'stream.once("error", () => { resolve(null); });',
    "client.publish(topic, bytes, (error) => { if (error) reason = lost(error); });",
    "words.subscribe((word) => { last = word; });",
  ])("%s", (text) => {
    expect(rulesFor(text)).toEqual([]);
  });
});
