/** All situations. A name is there once: it is the key of what was recorded. */
import type { Situation } from "../situation.ts";
import { accessSituations } from "./access.ts";
import { contentSituations } from "./contents.ts";
import { mirrorSituations } from "./mirrors.ts";
import { settingsSituations } from "./settings.ts";
import { signatureSituations } from "./signatures.ts";
import { toolSituations } from "./tools.ts";

export const situations: readonly Situation[] = [
  ...mirrorSituations,
  ...settingsSituations,
  ...signatureSituations,
  ...accessSituations,
  ...contentSituations,
  ...toolSituations,
];
