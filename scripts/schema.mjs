// Writes promptgrid.schema.json (for editors) from the schema in src/config, as built.
import { writeFileSync } from "node:fs";
import { matrixJsonSchema } from "../dist/config/schema.js";

writeFileSync(
  new URL("../promptgrid.schema.json", import.meta.url),
  `${JSON.stringify(matrixJsonSchema(), null, 2)}\n`,
);
