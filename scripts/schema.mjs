// Writes promptgrid.schema.json (for editors) from the schema in src/config, as built.
import { writeFileSync } from "node:fs";
import { editorSchema } from "../dist/config/schema.js";

writeFileSync(
  new URL("../promptgrid.schema.json", import.meta.url),
  `${JSON.stringify(editorSchema(), null, 2)}\n`,
);
