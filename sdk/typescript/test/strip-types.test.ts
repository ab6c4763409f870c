/** What becomes of imports when a file's types are taken out, which Node does not look at. */
import { createRequire } from "node:module";
import { expect, test } from "vitest";

const { withoutUnused } = createRequire(import.meta.url)("../strip-types.cjs") as { withoutUnused(source: string): string };

/** The imports that are left, one space for each run of blanks. */
const left = (source: string) => withoutUnused(source).split("const ", 1)[0]!.replace(/\s+/g, " ").trim();

test.each([
  ["import { Order, square } from './tasks'\nconst a = square(1)", "import { square } from './tasks'"],
  ["import { square, type_ as Order } from './tasks'\nconst a = square(1)", "import { square, } from './tasks'"],
  ["import Order, { square } from './tasks'\nconst a = square(1)", "import { square } from './tasks'"],
  ["// An Order.\nimport { task, TaskContext } from '@renderinc/sdk/workflows';\nconst a = task", "// An Order. import { task, } from '@renderinc/sdk/workflows';"],
])("a name that is a type's alone is not asked for: %j", (source, imports) => {
  expect(left(source)).toBe(imports);
});

test("a file of the repo's is loaded though only its types are used: it may define tasks", () => {
  expect(left("import { Order } from './tasks'\nconst a = 1")).toBe("import './tasks'");
});

test("a package whose types alone are used need not be there", () => {
  expect(left("import { Handler } from 'aws-lambda'\nimport { z } from 'zod'\nconst a = z")).toBe("import { z } from 'zod'");
});

test("no line and no column moves", () => {
  const source = "import {\n  Order,\n  square,\n} from './tasks'\nconst a = square(1)";
  expect(withoutUnused(source)).toBe("import {\n        \n  square,\n} from './tasks'\nconst a = square(1)");
});

test("a comment that names it does not make it a value", () => {
  expect(left("import { Order } from './tasks'\n/**\n * @param order an Order\n */\n// Order\nconst a = 1")).toContain("import './tasks'");
});

test.each([
  "import * as tasks from './tasks'\nconst a = 1",
  "import './tasks'\nconst a = 1",
  "import { square as cube } from './tasks'\nconst a = [...cube]",
  "import data from './data.json' with { type: 'json' }\nconst a = data",
  "const text = `\nimport { Order } from './tasks'\n`",
  "export { Order } from './tasks'\nconst a = 1",
])("what is used, or is no import at the top, stays as it is: %j", (source) => {
  expect(withoutUnused(source)).toBe(source);
});
