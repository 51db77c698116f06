/** Plays a conversation with an image proxy, and notes what has to be the same whichever program that is. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Descriptor } from "../../../src/host/descriptors/channel.ts";
import type { Conversation, PipeUse } from "../../serve/image-proxy/conversation.ts";
import { fixtures } from "../images.ts";
import { layerStore } from "../layer-stores.ts";
import { type FaultServer, startFaultServer } from "../registry/fault-server.ts";
import { storeCopy } from "../stores.ts";
import { fixturePolicyFile, temporaryDirectory } from "../temporary.ts";
import { writeProxyImages } from "./images.ts";
import { type PipeContent, ProxyClient, type ReceivedReply, readPipe, socketArguments } from "./proxy-client.ts";

/** Of one reply; not the words of `error`, nor the number of the pipe. */
export interface NotedReply {
  readonly success: boolean;
  readonly value: unknown;
  readonly hasPipe: boolean;
  readonly error_code: string;
  /** The names of the keys up to `error`, in their order. */
  readonly keys: string;
  readonly descriptors: number;
  readonly pipes?: readonly PipeContent[];
  readonly finish?: NotedReply | "none";
}

export type Noted = NotedReply | "none" | readonly (NotedReply | "none")[];

export interface PlayedConversation {
  readonly steps: readonly Noted[];
  readonly exitCode: number | null;
  readonly stdout: string;
}

export interface ProxyProgram {
  readonly name: string;
  readonly command: readonly string[];
}

let images: string | undefined;

/** The images of the conversations, made once. */
export function proxyImages(): string {
  if (images === undefined) {
    images = temporaryDirectory();
    writeProxyImages(images);
  }
  return images;
}

let stores: string | undefined;

/** Storages of containers, which the reference writes to. */
export function proxyStores(): string {
  if (stores === undefined) {
    stores = temporaryDirectory();
    for (const name of ["signed", "index"]) renameSync(storeCopy(name), join(stores, name));
    for (const driver of ["vfs", "overlay"] as const) renameSync(layerStore(driver), join(stores, `layers-${driver}`));
  }
  return stores;
}

let acceptAnything: string | undefined;

/** A policy of test/fixtures/policies, or of this content; default: accept anything. */
export function policyPath(policy?: Conversation["policy"]): string {
  if (policy === "@MISSING@") return "/no/such/policy.json";
  if (typeof policy === "string") return fixturePolicyFile(policy);
  if (policy !== undefined) {
    const path = join(temporaryDirectory(), "policy.json");
    writeFileSync(path, JSON.stringify(policy).replaceAll("@FIXTURES@", fixtures));
    return path;
  }
  if (acceptAnything === undefined) {
    acceptAnything = join(temporaryDirectory(), "policy.json");
    writeFileSync(acceptAnything, '{"default":[{"type":"insecureAcceptAnything"}]}');
  }
  return acceptAnything;
}

/** Whatever a program looks for in a home directory, it is not there. */
export const surroundings = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", XDG_RUNTIME_DIR: "/nonexistent" };

interface KeptPipes {
  readonly pipeId: number;
  readonly descriptors: readonly Descriptor[];
}

export async function play(program: ProxyProgram, conversation: Conversation): Promise<PlayedConversation> {
  const { policy, flags = [] } = conversation;
  const servers = await startServers(conversation.servers ?? {});
  const command = [...program.command, "--policy", policyPath(policy), ...flags, ...socketArguments];
  const client = await ProxyClient.start(command, surroundings);
  const player = new Player(client, servers);
  const steps: Noted[] = [];
  try {
    for (const step of conversation.steps) {
      if ("take" in step) steps.push(await player.take(step.take));
      else if ("layersOf" in step) steps.push(await player.layersOf(step.layersOf));
      else if ("pipeline" in step) steps.push(await player.pipeline(step.pipeline));
      else steps.push(await player.say(step.send, step.pipes, step.replies));
    }
  } finally {
    client.close();
    player.close();
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  const { code, stdout } = await client.ended;
  return { steps, exitCode: code, stdout };
}

async function startServers(scripts: NonNullable<Conversation["servers"]>): Promise<ReadonlyMap<string, FaultServer>> {
  const servers = new Map<string, FaultServer>();
  for (const [letter, script] of Object.entries(scripts)) {
    servers.set(letter, await startFaultServer(script, (text) => withAddresses(text, servers)));
  }
  return servers;
}

function withAddresses(text: string, servers: ReadonlyMap<string, FaultServer>): string {
  return text.replaceAll(/@([A-Z])@/g, (whole, letter: string) => servers.get(letter)?.address ?? whole);
}

class Player {
  readonly #client: ProxyClient;
  readonly #servers: ReadonlyMap<string, FaultServer>;
  readonly #kept: KeptPipes[] = [];
  #lastPipe = 0;

  constructor(client: ProxyClient, servers: ReadonlyMap<string, FaultServer>) {
    this.#client = client;
    this.#servers = servers;
  }

  async say(packet: string | Uint8Array, use: PipeUse, replies: number): Promise<Noted> {
    await this.#client.send(this.#filled(packet));
    if (replies === 0) return "none";
    return this.#note(await this.#client.receive(), use);
  }

  async pipeline(packets: readonly (string | Uint8Array)[]): Promise<Noted> {
    for (const packet of packets) await this.#client.send(this.#filled(packet));
    const noted: (NotedReply | "none")[] = [];
    for (const _ of packets) noted.push(await this.#note(await this.#client.receive(), "read"));
    return noted;
  }

  async take(use: PipeUse): Promise<Noted> {
    const kept = this.#kept.shift();
    if (kept === undefined) throw new Error("nothing was kept");
    const used = await this.#use(kept, use);
    return { success: true, value: null, hasPipe: false, error_code: "", keys: "", descriptors: 0, ...used };
  }

  async layersOf(handle: number): Promise<Noted> {
    const { reply } = await this.#client.call("GetLayerInfo", handle);
    const layers: readonly { readonly digest: string; readonly size: number }[] = reply.success
      ? Object(reply.value)
      : [];
    const noted: (NotedReply | "none")[] = [];
    for (const { digest, size } of layers) {
      for (const args of [[digest, size], [digest]]) {
        const method = args.length === 2 ? "GetBlob" : "GetRawBlob";
        noted.push(await this.#note(await this.#client.call(method, handle, ...args), "read"));
      }
    }
    return noted;
  }

  close(): void {
    for (const { descriptors } of this.#kept) for (const descriptor of descriptors) descriptor.close();
  }

  async #note(received: ReceivedReply | undefined, use: PipeUse): Promise<NotedReply | "none"> {
    if (received === undefined) return "none";
    const { reply, descriptors } = received;
    const { success, value, error_code } = reply;
    const keys = Object.keys(reply).slice(0, 5).join(" ");
    const noted = { success, value, hasPipe: reply.pipeid !== 0, error_code, keys, descriptors: descriptors.length };
    if (reply.pipeid !== 0) this.#lastPipe = reply.pipeid;
    const pipes = { pipeId: reply.pipeid, descriptors };
    if (descriptors.length === 0) return noted;
    if (use === "keep") this.#kept.push(pipes);
    return use === "keep" ? noted : { ...noted, ...(await this.#use(pipes, use)) };
  }

  async #use({ pipeId, descriptors }: KeptPipes, use: PipeUse): Promise<Pick<NotedReply, "pipes" | "finish">> {
    if (use === "drop") for (const descriptor of descriptors) descriptor.close();
    const reading = use === "read" ? descriptors.map(readPipe) : [];
    if (pipeId === 0) return { pipes: withoutWords(await Promise.all(reading)) };
    await this.#client.send(JSON.stringify({ method: "FinishPipe", args: [pipeId] }));
    const finish = await this.#note(await this.#client.receive(), "read");
    return { pipes: await Promise.all(reading), finish };
  }

  #filled(packet: string | Uint8Array): Uint8Array {
    const latin1 = Buffer.from(packet).toString("latin1");
    const filled = latin1
      .replaceAll("@IMAGES@", proxyImages())
      .replaceAll("@STORES@", latin1.includes("@STORES@") ? proxyStores() : "")
      .replaceAll("@FIXTURES@", fixtures)
      .replaceAll("@PIPE@", String(this.#lastPipe));
    return Buffer.from(withAddresses(filled, this.#servers), "latin1");
  }
}

/** Of the second pipe of GetRawBlob, the code is compared and the message is not. */
function withoutWords(pipes: readonly PipeContent[]): readonly PipeContent[] {
  const [data, errors] = pipes;
  if (data === undefined || errors === undefined || errors.bytes === 0) return pipes;
  const { code } = JSON.parse(errors.text ?? "");
  return [data, { bytes: 0, sha256: "", text: code }];
}
