import type { Credential, RegistryToken } from "../../config/credential.ts";
import type { Location } from "../../config/locations.ts";
import { digestText } from "../../encoding/digest.ts";
import type { HttpClient } from "../../host/http/http-client.ts";
import { TimeAllowance } from "../../host/time-allowance.ts";
import { type DockerReference, referenceText } from "../../identity/docker-reference.ts";
import type { AccessFailure, AccessProblem, ConfigProblem, MirrorFailure } from "../../image/access-problem.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxImageSeconds } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { BlobLocations } from "./blob-locations.ts";
import { Endpoint, type FetchedManifest, type KnownContents } from "./endpoint.ts";
import { ManifestMemo } from "./manifest-memo.ts";
import { RegistryClient } from "./registry-client.ts";
import { type OpenRegistryImage, RegistryImage, type SignaturePlaces } from "./registry-image.ts";
import { listTags } from "./registry-tags.ts";
import { type ConnectionTo, Requester } from "./requester.ts";
import { Secrets } from "./secrets.ts";
import { withinTime } from "./within-time.ts";

/** What the settings of the container tools say. Each is asked for the location that is accessed, but for the first. */
export interface RegistrySettings {
  /** For the name that the user gave: in the order in which they are tried, at least one. */
  locations(reference: DockerReference): Result<readonly Location[], ConfigProblem>;
  signaturePlaces(accessed: DockerReference): Result<SignaturePlaces, ConfigProblem>;
  credential(accessed: DockerReference): Promise<Result<Credential | RegistryToken | undefined, ConfigProblem>>;
  /** How servers are reached for a registry: by its certificates, also those that it sends on to. */
  connections(registry: string, options: { readonly isInsecure: boolean }): Result<ConnectionTo, ConfigProblem>;
}

export interface AccessOptions {
  /** Hashes of the settings that decide where images are looked for. */
  readonly decidedBy: () => Readonly<Record<string, string>>;
  readonly settings: RegistrySettings;
  readonly http: HttpClient;
  readonly userAgent: string;
  readonly now: () => number;
  /** {@link maxImageSeconds} unless given. */
  readonly imageSeconds?: number | undefined;
  /** Told of a registry that wants to be asked less, and for how long it is left alone. */
  readonly onThrottled?: (host: string, seconds: number) => void;
  /** Waits until a request may be sent to a registry, or to where it sends on. */
  readonly beforeRequest?: (host: string, signal: AbortSignal | undefined) => Promise<void>;
}

type Failure = AccessFailure | ConfigProblem;

/** The registries of one run: connections, tokens and manifests that several images have in common are shared. */
export class RegistryAccess {
  readonly #options: AccessOptions;
  readonly #clients = new Map<string, RegistryClient>();
  readonly #memo = new ManifestMemo();
  readonly #secrets = new Secrets();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  decidedBy(): Readonly<Record<string, string>> {
    return this.#options.decidedBy();
  }

  /** The registry that is asked first for an image. */
  firstHost(reference: DockerReference): string {
    const locations = this.#options.settings.locations(reference);
    return (locations.ok ? locations.value[0]?.reference.domain : undefined) ?? reference.domain;
  }

  /**
   * Fetches the manifest of an image from the first location that has one, whatever it is: nothing after that makes it try another
   * (docker/docker_image_src.go `newImageSource`).
   *
   * @param reference with a tag or a digest
   * @param known manifests that need not be sent again, if they are still what is meant
   */
  async open(
    reference: DockerReference,
    signal: AbortSignal | undefined,
    known?: KnownContents,
  ): Promise<Result<OpenRegistryImage, ImageProblem>> {
    const locations = this.#options.settings.locations(reference);
    if (!locations.ok) return locations;
    const time = this.#timeOf(signal);
    const failures: MirrorFailure[] = [];
    for (const [at, location] of locations.value.entries()) {
      const rest = locations.value.slice(at + 1);
      const attempt = await withinTime(time, location.reference.domain, () =>
        this.#attempt(location, { isLast: rest.length === 0, known }, time.signal),
      );
      if (attempt.ok) {
        const { endpoint, places, fetched } = attempt.value;
        const openers = rest.map((other, index) => ({
          place: JSON.stringify([other.reference.name, other.isInsecure, other.namespaceProxy]),
          open: () => this.#endpoint(other, index + 1 === rest.length),
        }));
        const blobs = new BlobLocations(endpoint, openers);
        return ok(
          new RegistryImage({ name: reference.name, endpoint, fetched, places, blobs, memo: this.#memo, time, known }),
        );
      }
      failures.push({ location: location.reference.name, failure: attempt.problem });
      if (time.signal.aborted) break;
    }
    return fail(whole(failures));
  }

  /** The tags of a repository, from the first location that lists them. */
  async tags(
    repository: DockerReference,
    signal: AbortSignal | undefined,
  ): Promise<Result<readonly string[], ImageProblem>> {
    const locations = this.#options.settings.locations(repository);
    if (!locations.ok) return locations;
    const time = this.#timeOf(signal);
    const failures: MirrorFailure[] = [];
    for (const [at, location] of locations.value.entries()) {
      const tags = await withinTime(time, location.reference.domain, async () => {
        const endpoint = await this.#endpoint(location, at + 1 === locations.value.length);
        return endpoint.ok ? listTags(endpoint.value, time.signal) : endpoint;
      });
      if (tags.ok) return tags;
      failures.push({ location: location.reference.name, failure: tags.problem });
      if (time.signal.aborted) break;
    }
    return fail(whole(failures));
  }

  #timeOf(signal: AbortSignal | undefined): TimeAllowance {
    return new TimeAllowance(this.#options.imageSeconds ?? maxImageSeconds, signal);
  }

  async #attempt(
    location: Location,
    { isLast, known }: { readonly isLast: boolean; readonly known: KnownContents | undefined },
    signal: AbortSignal | undefined,
  ): Promise<
    Result<
      { readonly endpoint: Endpoint; readonly places: SignaturePlaces; readonly fetched: FetchedManifest },
      Failure
    >
  > {
    const endpoint = await this.#endpoint(location, isLast);
    if (!endpoint.ok) return endpoint;
    const places = this.#options.settings.signaturePlaces(location.reference);
    if (!places.ok) return places;
    const { tag, digest } = location.reference;
    const fetched = await endpoint.value.manifest(
      digest === undefined ? (tag ?? "latest") : digestText(digest),
      signal,
      known,
    );
    if (fetched.ok) return ok({ endpoint: endpoint.value, places: places.value, fetched: fetched.value });
    const { failure } = fetched.problem;
    // What was looked for is the image, and not a path.
    return fail(
      failure.code === "source.not-found" ? { ...failure, wanted: referenceText(location.reference) } : failure,
    );
  }

  async #endpoint(
    { reference: accessed, isInsecure, namespaceProxy, refusal }: Location,
    isLast: boolean,
  ): Promise<Result<Endpoint, Failure>> {
    const credential = await this.#options.settings.credential(accessed);
    if (!credential.ok) return credential;
    if (refusal !== undefined) return fail(refusal);
    const client = this.#client(accessed.domain, isInsecure);
    if (!client.ok) return client;
    return ok(new Endpoint({ accessed, client: client.value, credential: credential.value, isLast, namespaceProxy }));
  }

  #client(domain: string, isInsecure: boolean): Result<RegistryClient, ConfigProblem> {
    const key = `${domain} ${isInsecure}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return ok(known);
    const { settings, http, userAgent, now, onThrottled, beforeRequest } = this.#options;
    const connectionTo = settings.connections(domain, { isInsecure });
    if (!connectionTo.ok) return connectionTo;
    const requester = new Requester({
      http,
      host: domain === "docker.io" ? dockerHub : domain,
      connectionTo: connectionTo.value,
      secrets: this.#secrets,
      now,
      userAgent,
      ...(beforeRequest && { beforeRequest: (signal) => beforeRequest(domain, signal) }),
    });
    const client = new RegistryClient(requester, {
      isInsecure,
      now,
      onThrottled: (seconds) => onThrottled?.(domain, seconds),
    });
    this.#clients.set(key, client);
    return ok(client);
  }

  close(): void {
    this.#options.http.close();
  }
}

/** What is asked for images of docker.io (docker/docker_client.go `dockerRegistry`). */
const dockerHub = "registry-1.docker.io";

/** The last failure is that of the primary location; the others are told with it. */
function whole(failures: readonly MirrorFailure[]): AccessProblem | ConfigProblem {
  const primary = failures.at(-1)?.failure;
  if (primary === undefined) throw new Error("there was no location to try");
  const mirrors = failures.slice(0, -1);
  return mirrors.length === 0 || isConfigProblem(primary) ? primary : { ...primary, mirrors };
}

function isConfigProblem(failure: Failure): failure is ConfigProblem {
  return failure.code.startsWith("config.");
}
