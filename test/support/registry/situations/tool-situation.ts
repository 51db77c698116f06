import type { Situation } from "../situation.ts";
import type { ToolImages } from "../tool-images.ts";
import type { ToolQuestion } from "../tool-questions.ts";
import { atA } from "./common.ts";

/** What a question needs besides servers. */
export function toolSituation(
  { name, repository, tag = "1.0", requirements, platform = "linux/amd64" }: ToolQuestion,
  { signedAt, keys, lookaside }: Pick<ToolImages, "signedAt" | "keys" | "lookaside">,
): Situation {
  const files = [
    ...Object.entries(keys).map(([file, text]) => [`keys/${file}`, text] as const),
    ...Object.entries(lookaside)
      .filter(([path]) => path.startsWith(`vendor/${repository}@`))
      .map(([path, bytes]) => [`lookaside/${path}`, Buffer.from(bytes, "base64")] as const),
  ];
  const policy = {
    default: [{ type: "reject" }],
    transports: { docker: { "registry.example.com/vendor": requirements } },
  };
  return {
    name: `by tools: ${name}`,
    servers: {},
    ref: `registry.example.com/vendor/${repository}:${tag}`,
    policy: JSON.stringify(policy).replaceAll("@SIGNED@", signedAt),
    registriesConf: atA(),
    registriesD: {
      "default.yaml": [
        "default-docker:",
        "  lookaside: file://@DIR@/lookaside",
        "  sigstore: file://@DIR@/lookaside",
        "  use-sigstore-attachments: true",
        "",
      ].join("\n"),
    },
    files: Object.fromEntries(files),
    platform,
    blobs: "full",
  };
}
