/** registries.conf and registries.d: what they say, and what makes them useless. */
import { fixtureContent } from "../content.ts";
import { lookasideRoutesOf, routesOf, type ServerScript } from "../fault-server.ts";
import { type Situation, signedName } from "../situation.ts";
import * as c from "./common.ts";

const conf = c.registriesConf;
const accepting = { policy: c.acceptAnything };

/** A registries.conf of its own, a reference, and an accept-all policy: where is it looked for? */
const located: readonly (readonly [string, string, string?])[] = [
  ["no registries.conf says anything: HTTPS only", "", "@A@/vendor/app:1.0"],
  ["a registry without prefix is its location", conf({ location: "@A@" }), "@A@/vendor/app:1.0"],
  ["a prefix without location is its own", conf({ prefix: "@A@" }), "@A@/vendor/app:1.0"],
  ["a prefix of a namespace is replaced", conf({ prefix: "registry.example.com/vendor", location: "@A@/vendor" })],
  [
    "a prefix of a repository is replaced",
    conf({ prefix: "registry.example.com/vendor/app", location: "@A@/vendor/app" }),
  ],
  ["a namespace is put in", conf({ prefix: "registry.example.com", location: "@A@/copy" })],
  [
    "a namespace is taken away",
    conf({ prefix: "registry.example.com/x", location: "@A@" }),
    "registry.example.com/x/vendor/app:1.0",
  ],
  [
    "the longest prefix counts",
    conf(
      { prefix: "registry.example.com", location: "@B@" },
      { prefix: "registry.example.com/vendor", location: "@A@/vendor" },
    ),
  ],
  [
    "the longest prefix counts, in the other order",
    conf(
      { prefix: "registry.example.com/vendor", location: "@A@/vendor" },
      { prefix: "registry.example.com", location: "@B@" },
    ),
  ],
  [
    "a prefix ends at a part of the name",
    conf({ prefix: "registry.example.com/vend", location: "@B@" }, { prefix: "registry.example.com", location: "@A@" }),
  ],
  [
    "a prefix with a tag matches nothing",
    conf(
      { prefix: "registry.example.com/vendor/app:1.0", location: "@B@" },
      { prefix: "registry.example.com", location: "@A@" },
    ),
  ],
  [
    "the same prefix twice: the first counts",
    conf({ prefix: "registry.example.com", location: "@A@" }, { prefix: "registry.example.com", location: "@B@" }),
  ],
  ["a wildcard prefix without location", conf({ prefix: "*.example.com", mirrors: [{ location: "@A@" }] })],
  ["a wildcard prefix with a location", conf({ prefix: "*.example.com", location: "@A@" })],
  [
    "a wildcard prefix that is longer",
    conf({ prefix: "*.example.com", location: "@B@" }, { prefix: "registry.example.com", location: "@A@" }),
  ],
  ["a wildcard prefix with a path: an error", conf({ prefix: "*.example.com/vendor", location: "@A@/vendor" })],
  [
    "a wildcard in the middle of a prefix matches nothing",
    conf({ prefix: "registry.*.com", location: "@B@" }, { prefix: "registry.example.com", location: "@A@" }),
  ],
  [
    "a prefix matches a host with a port, and then nothing works",
    conf({ prefix: "registry.example.com", location: "@A@" }),
    "registry.example.com:8443/vendor/app:1.0",
  ],
  [
    "a mirror's location with a tag breaks all",
    conf({ prefix: "registry.example.com", location: "@A@", mirrors: [{ location: "@B@/vendor:1" }] }),
  ],
  [
    "the last mirror's location with a tag breaks all",
    conf({
      prefix: "registry.example.com",
      location: "@A@",
      mirrors: [{ location: "@B@/copy" }, { location: "@B@/vendor:1" }],
    }),
  ],
  [
    "a mirror's location with a digest breaks all",
    conf({ prefix: "registry.example.com", location: "@A@", mirrors: [{ location: `@B@/vendor@${c.digest}` }] }),
  ],
  [
    "a mirror's location in capitals",
    conf({ prefix: "registry.example.com", location: "@A@", mirrors: [{ location: "@B@/COPY" }] }),
  ],
  ["a location with a scheme: an error", conf({ prefix: "registry.example.com", location: "http://@A@" })],
  [
    "a mirror's location with a scheme: an error",
    conf({ prefix: "registry.example.com", location: "@A@", mirrors: [{ location: "https://@B@" }] }),
  ],
  ["a location with a slash at its end", conf({ prefix: "registry.example.com", location: "@A@/" })],
  ["a prefix with a slash at its end", conf({ prefix: "registry.example.com/", location: "@A@" })],
  ["an empty location", conf({ prefix: "registry.example.com", location: "" })],
  ["a mirror without location: an error", `${c.atA()}\n[[registry.mirror]]\ninsecure = true\n`],
  ["a registry without anything: an error", "[[registry]]\ninsecure = true\n"],
  [
    "one location, insecure here and secure there: an error",
    conf(
      { prefix: "registry.example.com", location: "@A@" },
      { prefix: "other.example.com", location: "@A@", insecure: false },
    ),
  ],
  [
    "one location, blocked here and not there: an error",
    conf(
      { prefix: "registry.example.com", location: "@A@" },
      { prefix: "other.example.com", location: "@A@", blocked: true },
    ),
  ],
  ["unknown keys are ignored", `unknown = 1\n${c.atA()}also = "x"\n[table]\nx = 1\n`],
  ["keys in capitals", c.atA().replace("location", "LOCATION").replace("insecure", "Insecure")],
  ["a string for insecure: an error", c.atA().replace("insecure = true", 'insecure = "true"')],
  ["a number for location: an error", '[[registry]]\nprefix = "registry.example.com"\nlocation = 1\n'],
  ["not TOML: an error", "this is no TOML"],
  ["a key twice: an error", '[[registry]]\nlocation = "@A@"\nlocation = "@B@"\n'],
  ["version 1: an error", "[registries.search]\nregistries = ['docker.io']\n"],
  ["version 1 and version 2: an error", `${c.atA()}\n[registries.insecure]\nregistries = ['docker.io']\n`],
  ["an empty section of version 1", `${c.atA()}\n[registries.search]\nregistries = []\n`],
  ["unqualified-search-registries that is none: an error", `unqualified-search-registries = ["http://x"]\n${c.atA()}`],
  ["an unknown short-name-mode: an error", `short-name-mode = "maybe"\n${c.atA()}`],
  ["an alias that is none: an error", `${c.atA()}\n[aliases]\n"app" = "nothing"\n`],
  ["an alias does not matter for a full name", `${c.atA()}\n[aliases]\n"app" = "registry.example.com/other"\n`],
  ["a short name is docker.io's", conf({ prefix: "docker.io", location: "@A@" }), "app:1.0"],
  [
    "docker.io/app is docker.io/library/app",
    conf({ prefix: "docker.io/library", location: "@A@/vendor" }),
    "docker.io/app:1.0",
  ],
  [
    "a prefix docker.io/app does not match it",
    conf({ prefix: "docker.io/app", location: "@B@/vendor" }, { prefix: "docker.io", location: "@A@" }),
    "docker.io/app:1.0",
  ],
  ["no tag is latest", c.atA(), "registry.example.com/vendor/app"],
  ["a name in capitals: an error", c.atA(), "registry.example.com/Vendor/app:1.0"],
  ["a blocked registry", conf({ prefix: "registry.example.com", location: "registry.example.com", blocked: true })],
  [
    "a prefix that is blocked and located elsewhere is not blocked",
    conf({ prefix: "registry.example.com", location: "@A@", blocked: true }),
  ],
  [
    "what a prefix points to is blocked",
    conf({ prefix: "registry.example.com/vendor", location: "@A@/vendor" }, { location: "@A@", blocked: true }),
  ],
  [
    "a blocked registry with a mirror is served by it",
    conf({ location: "registry.example.com", blocked: true, mirrors: [{ location: "@B@/copy" }] }),
  ],
  [
    "a blocked mirror is passed over",
    conf(
      { prefix: "registry.example.com", location: "@A@", mirrors: [{ location: "@B@/copy" }] },
      { location: "@B@", blocked: true },
    ),
  ],
];

const everywhere: ServerScript = {
  routes: {
    ...routesOf("vendor/app", c.unsigned),
    ...routesOf("library/app", c.unsigned),
    ...routesOf("copy/vendor/app", c.unsigned),
    ...routesOf("copy/app", c.unsigned),
  },
};

const insecure: readonly (readonly [string, string, boolean?])[] = [
  ["insecure is asked by HTTPS first, then by HTTP", c.atA()],
  ["not insecure: HTTP is never tried", conf({ prefix: "registry.example.com", location: "@A@", insecure: false })],
  [
    "--tls-verify=false beats registries.conf",
    conf({ prefix: "registry.example.com", location: "@A@", insecure: false }),
    false,
  ],
  ["--tls-verify=true beats registries.conf", c.atA(), true],
  [
    "--tls-verify=false is for mirrors too",
    conf({
      prefix: "registry.example.com",
      location: "@A@",
      insecure: false,
      mirrors: [{ location: "@B@/copy", insecure: false }],
    }),
    false,
  ],
  ["--tls-verify=true is for mirrors too", c.atA("@B@/copy"), true],
  [
    "a mirror does not inherit insecure",
    conf({ prefix: "registry.example.com", location: "@A@", mirrors: [{ location: "@B@/copy", insecure: false }] }),
  ],
  [
    "the primary does not inherit insecure from a mirror",
    conf({ prefix: "registry.example.com", location: "@A@", insecure: false, mirrors: [{ location: "@B@/copy" }] }),
  ],
  [
    "insecure goes by the entry that matches, not by the one of its location",
    conf({ prefix: "registry.example.com", location: "@A@", insecure: false }, { location: "@A@:1" }),
  ],
];

const lookasideAt = (content = c.gpgSigned, base = "/sigs", repository = "vendor/app"): ServerScript => ({
  routes: lookasideRoutesOf(base, repository, content),
});

/** registries.d; the image's signature is in the lookaside at L, and attached at A too. */
const both = fixtureContent("mixed-gpg-and-sigstore");

const registriesD: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["default-docker", c.atL],
  ["the host's section", { "a.yaml": "docker:\n  @A@:\n    lookaside: http://@L@/sigs\n" }],
  ["the namespace's section", { "a.yaml": "docker:\n  @A@/vendor:\n    lookaside: http://@L@/sigs\n" }],
  ["the repository's section", { "a.yaml": "docker:\n  @A@/vendor/app:\n    lookaside: http://@L@/sigs\n" }],
  ["the image's section", { "a.yaml": "docker:\n  @A@/vendor/app:1.0:\n    lookaside: http://@L@/sigs\n" }],
  ["another tag's section", { "a.yaml": "docker:\n  @A@/vendor/app:2.0:\n    lookaside: http://@L@/sigs\n" }],
  [
    "a section for the name that was given does nothing",
    { "a.yaml": "docker:\n  registry.example.com:\n    lookaside: http://@L@/sigs\n" },
  ],
  [
    "a section of the host without port does nothing",
    { "a.yaml": "docker:\n  127.0.0.1:\n    lookaside: http://@L@/sigs\n" },
  ],
  ["a wildcard section", { "a.yaml": 'docker:\n  "*.0.0.1":\n    lookaside: http://@L@/sigs\n' }],
  [
    "the most specific section counts",
    { "a.yaml": "docker:\n  @A@:\n    lookaside: http://@L@/no\n  @A@/vendor:\n    lookaside: http://@L@/sigs\n" },
  ],
  [
    "a section counts more than the default",
    {
      "a.yaml": "default-docker:\n  lookaside: http://@L@/no\ndocker:\n  @A@/vendor:\n    lookaside: http://@L@/sigs\n",
    },
  ],
  [
    "fields are inherited one by one",
    {
      "a.yaml": "default-docker:\n  use-sigstore-attachments: true\ndocker:\n  @A@:\n    lookaside: http://@L@/sigs\n",
    },
  ],
  [
    "an explicit false stops inheritance",
    {
      "a.yaml":
        "default-docker:\n  use-sigstore-attachments: true\ndocker:\n  @A@:\n    use-sigstore-attachments: false\n    lookaside: http://@L@/sigs\n",
    },
  ],
  ["a section that is null inherits", { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs\ndocker:\n  @A@:\n" }],
  [
    "an empty lookaside inherits",
    { "a.yaml": 'default-docker:\n  lookaside: http://@L@/sigs\ndocker:\n  @A@:\n    lookaside: ""\n' },
  ],
  [
    "two files are put together",
    {
      "a.yaml": "default-docker:\n  use-sigstore-attachments: true\n",
      "b.yaml": "docker:\n  @A@:\n    lookaside: http://@L@/sigs\n",
    },
  ],
  ["two defaults in two files: an error", { ...c.atL, "b.yaml": "default-docker: {}\n" }],
  ["one namespace in two files: an error", { "a.yaml": "docker:\n  x: {}\n", "b.yaml": "docker:\n  x: {}\n" }],
  ["a .yml file is not read", { "a.yml": "default-docker:\n  lookaside: http://@L@/sigs\n" }],
  ["a broken .yml file does not matter", { ...c.atL, "a.yml": "{" }],
  ["a broken file: an error", { ...c.atL, "b.yaml": "{" }],
  ["an empty file", { ...c.atL, "b.yaml": "" }],
  ["a file with a list: an error", { ...c.atL, "b.yaml": "- x\n" }],
  ["unknown keys are ignored", { "a.yaml": "unknown: 1\ndefault-docker:\n  other: 1\n  lookaside: http://@L@/sigs\n" }],
  ["keys in capitals are not read", { "a.yaml": "default-docker:\n  Lookaside: http://@L@/sigs\n" }],
  [
    "a key twice: an error",
    { "a.yaml": "default-docker:\n  lookaside: http://@L@/no\n  lookaside: http://@L@/sigs\n" },
  ],
  [
    "only the first document counts",
    { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs\n---\ndefault-docker:\n  lookaside: http://@L@/no\n" },
  ],
  ["yes is true", { "a.yaml": "default-docker:\n  use-sigstore-attachments: yes\n  lookaside: http://@L@/sigs\n" }],
  ["on is true", { "a.yaml": "default-docker:\n  use-sigstore-attachments: on\n  lookaside: http://@L@/sigs\n" }],
  ["a string is no truth value: an error", { "a.yaml": 'default-docker:\n  use-sigstore-attachments: "true"\n' }],
  ["a number is no truth value: an error", { "a.yaml": "default-docker:\n  use-sigstore-attachments: 1\n" }],
  ["a number for a lookaside is its text", { "a.yaml": "default-docker:\n  lookaside: 1\n" }],
  ["anchors and aliases", { "a.yaml": "x: &a\n  lookaside: http://@L@/sigs\ndefault-docker: *a\n" }],
  ["a merge key", { "a.yaml": "x: &a\n  lookaside: http://@L@/sigs\ndefault-docker:\n  <<: *a\n" }],
  ["sigstore: is the old name of lookaside:", { "a.yaml": "default-docker:\n  sigstore: http://@L@/sigs\n" }],
  [
    "lookaside: comes before sigstore:",
    { "a.yaml": "default-docker:\n  sigstore: http://@L@/no\n  lookaside: http://@L@/sigs\n" },
  ],
  [
    "sigstore: of a specific section comes before lookaside: of the default",
    { "a.yaml": "default-docker:\n  lookaside: http://@L@/no\ndocker:\n  @A@:\n    sigstore: http://@L@/sigs\n" },
  ],
  ["lookaside-staging is not read", { "a.yaml": "default-docker:\n  lookaside-staging: http://@L@/sigs\n" }],
  ["a lookaside with a query keeps it", { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs?x=1\n" }],
  ["a lookaside with a fragment", { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs#x\n" }],
  ["a lookaside with a slash at its end", { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs/\n" }],
  [
    "a lookaside with a name and a password",
    { "a.yaml": "default-docker:\n  lookaside: http://user:secret@@L@/sigs\n" },
  ],
  ["a lookaside with another scheme: an error", { "a.yaml": "default-docker:\n  lookaside: ftp://@L@/sigs\n" }],
  ["a lookaside without scheme: an error", { "a.yaml": "default-docker:\n  lookaside: /sigs\n" }],
  ["a lookaside with a scheme in capitals", { "a.yaml": "default-docker:\n  lookaside: HTTP://@L@/sigs\n" }],
  ["a lookaside in a folder", { "a.yaml": "default-docker:\n  lookaside: file://@DIR@/sigs\n" }],
  ["a lookaside in a folder that is not there", { "a.yaml": "default-docker:\n  lookaside: file://@DIR@/no\n" }],
  ["a lookaside that is no URL: an error", { "a.yaml": 'default-docker:\n  lookaside: "http://[::1/sigs"\n' }],
  [
    "a lookaside with a control character: an error",
    { "a.yaml": 'default-docker:\n  lookaside: "http://@L@/si\\x01gs"\n' },
  ],
];

export const settingsSituations: readonly Situation[] = [
  ...located.map(([what, registriesConf, ref = signedName]) =>
    c.situation(`registries.conf: ${what}`, {
      ...accepting,
      registriesConf,
      ref,
      servers: { A: everywhere, B: everywhere },
    }),
  ),
  ...insecure.map(([what, registriesConf, tlsVerify]) =>
    c.situation(`insecure: ${what}`, {
      ...accepting,
      registriesConf,
      servers: { A: everywhere, B: everywhere },
      ...(tlsVerify === undefined ? {} : { tlsVerify }),
    }),
  ),
  c.situation("registries.conf: an explicit file that is not there is an error", {
    ...accepting,
    registriesConf: null,
    env: { CONTAINERS_REGISTRIES_CONF: "@DIR@/nowhere.conf" },
  }),
  c.situation("registries.conf: named by the environment", {
    ...accepting,
    registriesConf: null,
    env: { CONTAINERS_REGISTRIES_CONF: "@DIR@/other.conf" },
    files: { "other.conf": c.atA() },
  }),
  c.situation("registries.conf: the option beats the environment", {
    ...accepting,
    env: { CONTAINERS_REGISTRIES_CONF: "@DIR@/nowhere.conf" },
  }),
  c.situation("registries.conf: the user's drop-ins are merged with an explicit file", {
    ...accepting,
    registriesConf: "",
    files: { "home/.config/containers/registries.conf.d/10-a.conf": c.atA() },
  }),
  c.situation("registries.conf: a drop-in replaces the entry of the same prefix", {
    ...accepting,
    servers: { A: everywhere, B: everywhere },
    registriesConf: conf({ prefix: "registry.example.com", location: "@B@" }),
    files: { "home/.config/containers/registries.conf.d/10-a.conf": c.atA() },
  }),
  c.situation("registries.conf: the last drop-in by name counts", {
    ...accepting,
    servers: { A: everywhere, B: everywhere },
    files: {
      "home/.config/containers/registries.conf.d/20-a.conf": c.atA(),
      "home/.config/containers/registries.conf.d/10-b.conf": conf({ prefix: "registry.example.com", location: "@B@" }),
    },
  }),
  c.situation("registries.conf: a broken drop-in is an error", {
    ...accepting,
    files: { "home/.config/containers/registries.conf.d/10-a.conf": "x" },
  }),
  c.situation("registries.conf: a drop-in of version 1 is an error", {
    ...accepting,
    files: { "home/.config/containers/registries.conf.d/10-a.conf": "[registries.search]\nregistries = ['x']\n" },
  }),
  c.situation("registries.conf: a drop-in with another ending is not read", {
    ...accepting,
    files: { "home/.config/containers/registries.conf.d/10-a.toml": "x" },
  }),
  ...registriesD.map(([what, files]) =>
    c.situation(`registries.d: ${what}`, {
      policy: c.gpgPolicy(),
      servers: { A: c.primary(both), L: lookasideAt(both) },
      registriesD: files,
      files: Object.fromEntries([...both.lookaside].map(([file, bytes]) => [`sigs/vendor/app@${file}`, bytes])),
    }),
  ),
  c.situation("registries.d: a broken file is an error, though everything is accepted", {
    ...accepting,
    registriesD: { "a.yaml": "{" },
  }),
  c.situation("registries.d: a lookaside that cannot be used does not matter where everything is accepted", {
    ...accepting,
    registriesD: { "a.yaml": "default-docker:\n  lookaside: ftp://@A@/sigs\n" },
  }),
  c.situation("registries.d: a lookaside that is no URL is an error, though everything is accepted", {
    ...accepting,
    registriesD: { "a.yaml": 'default-docker:\n  lookaside: "http://[::1/sigs"\n' },
  }),
  c.situation("registries.d: a folder that is not there is empty", { ...accepting, registriesD: {} }),
  c.mirrored("registries.d: the mirror's repository is the path in the lookaside", {
    policy: c.gpgPolicy(),
    servers: {
      A: c.primary(c.gpgSigned),
      B: c.mirror(c.gpgSigned),
      L: lookasideAt(c.gpgSigned, "/sigs", "copy/vendor/app"),
    },
    registriesD: c.atL,
  }),
  c.mirrored("registries.d: signatures at the path of the name that was given are not found for a mirror", {
    policy: c.gpgPolicy(),
    servers: { A: c.primary(c.gpgSigned), B: c.mirror(c.gpgSigned), L: lookasideAt() },
    registriesD: c.atL,
  }),
  c.mirrored("registries.d: the section is that of the mirror", {
    policy: c.gpgPolicy(),
    servers: {
      A: c.primary(c.gpgSigned),
      B: c.mirror(c.gpgSigned),
      L: lookasideAt(c.gpgSigned, "/sigs", "copy/vendor/app"),
    },
    registriesD: {
      "a.yaml": "docker:\n  @A@:\n    lookaside: http://@L@/no\n  @B@/copy:\n    lookaside: http://@L@/sigs\n",
    },
  }),
  c.mirrored("registries.d: attachments are turned on for the primary only, and the mirror is served", {
    registriesD: {
      "a.yaml":
        "default-docker:\n  lookaside: file://@DIR@/none\ndocker:\n  @A@:\n    use-sigstore-attachments: true\n",
    },
  }),
  c.mirrored("registries.d: attachments are turned on for the mirror only", {
    registriesD: {
      "a.yaml":
        "default-docker:\n  lookaside: file://@DIR@/none\ndocker:\n  @B@:\n    use-sigstore-attachments: true\n",
    },
  }),
];
